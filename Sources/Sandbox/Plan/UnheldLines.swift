internal import Linux
internal import Network
internal import Profile

/// The lines of a policy that can't be held without namespaces.
///
/// Landlock only adds up what is allowed: within a tree that it allows nothing can be taken away again, and it knows
/// nothing of hosts. A line that would be held by a mount or by the network namespace is therefore a reason not to
/// start, and all of them are told at once.
struct UnheldLines {
    private let policy: Policy
    private let mounts: [ViewMount]
    private let nesting: Nesting?
    private var found: [SandboxError] = []

    /// Finds them.
    ///
    /// - Parameters:
    ///   - policy: the lines.
    ///   - view: what they come to on this host, as it would be mounted.
    ///   - nesting: the sandbox around this one, which may hold some.
    /// - Returns: one error for each line, in the order of files and lines.
    static func find(_ policy: Policy, _ view: View, within nesting: Nesting? = nil) -> [SandboxError] {
        var lines = UnheldLines(policy: policy, mounts: view.mounts, nesting: nesting)
        lines.addPlaces()
        lines.addWatched(view.watched)
        lines.addMasked(view.masked)
        lines.addSettings()
        lines.addNetwork()
        return lines.sorted
    }

    private init(policy: Policy, mounts: [ViewMount], nesting: Nesting?) {
        self.nesting = nesting
        self.policy = policy
        self.mounts = mounts
    }

    private var sorted: [SandboxError] {
        found.sorted { left, right in
            guard let first = left.origin, let second = right.origin else { return false }
            return (first.source, first.line, first.column) < (second.source, second.line, second.column)
        }
    }

    private mutating func add(_ problem: String, _ origin: Origin, hint: String = "") {
        // A thousand files below one directory are one line.
        if found.contains(where: { $0.origin == origin && $0.hint == hint && $0.problem == problem }) {
            return
        }
        found.append(SandboxError(.refused, problem, origin: origin, hint: hint))
    }

    /// Whatever lies in a grant and is less than it.
    private mutating func addPlaces() {
        var stack: [ViewMount] = []
        var isTold: Set<Origin> = []
        for mount in mounts {
            while let top = stack.last, !top.destination.contains(mount.destination) { stack.removeLast() }
            let outer = stack.last { if case .host = $0.source { $0.reason == .grant } else { false } }
            stack.append(mount)
            guard let outer, let problem = Self.problem(mount, in: outer), !isHeld(mount) else { continue }
            // Of what no line of the profile names, the grant is the line, and its first reason is enough.
            let isOwn = mount.origin.line == 0 && !mount.origin.source.hasPrefix("--")
            if isOwn, !isTold.insert(outer.origin).inserted { continue }
            add(problem.text, isOwn ? outer.origin : mount.origin, hint: problem.hint)
        }
    }

    /// Whether the sandbox around this one holds it. Its own directories are private to it in any case.
    private func isHeld(_ mount: ViewMount) -> Bool {
        guard let nesting else { return false }
        return mount.reason == .own
            || nesting.holds(mount.destination, at: mount.reason == .mask ? .none : .read)
    }

    private static func problem(
        _ mount: ViewMount, in outer: ViewMount
    ) -> (text: String, hint: String)? {
        let name = mount.written.isEmpty ? "\(mount.destination)" : mount.written
        let tree = outer.destination
        switch mount.reason {
        case .pin: return nil
        case .mask where mount.origin.authority == .managed:
            return (
                "\(tree) holds \(mount.destination), which is in the built-in floor and couldn't be kept out",
                "grant what the command needs of \(tree) instead"
            )
        case .mask:
            return ("\(name) is denied in \(tree), and couldn't be kept out of it", "grant less than \(tree)")
        case .protect where mount.origin.source == ViewBuilder.gitSource:
            return (
                "\(tree) can be written, and \(mount.destination), which git outside runs or follows, couldn't be "
                    + "protected in it", "workspace: read"
            )
        case .protect:
            return (
                "\(name) couldn't be protected in \(tree), which can be written", "grant less than \(tree)"
            )
        case .grant where mount.access < outer.access:
            return ("\(name) couldn't be kept from being written in \(tree)", "grant less than \(tree)")
        case .grant:
            return nil
        case .own:
            guard case .scratch = mount.source, mount.isDirectory, mount.access == .write else { return nil }
            return (
                "\(tree) holds the host's \(mount.destination), which everybody uses",
                "grant less than \(tree)"
            )
        }
    }

    /// What doesn't exist yet can be made, and then isn't denied.
    private mutating func addWatched(_ places: [WatchedPlace]) {
        for place in places where !place.isMovedAside && nesting?.holds(place.path, at: .read) != true {
            let text = "\(place.path) doesn't exist, and could be made in a tree that can be written"
            add(text, place.origin, hint: "remove the line, or grant less")
        }
    }

    /// The host's own file would be seen, with the credentials in it.
    private mutating func addMasked(_ configurations: [MaskedConfiguration]) {
        for configuration in configurations {
            add(
                "\(configuration.path) has credentials that couldn't be left out",
                policy.fileSystem.workspace.origin, hint: "take them out of that file")
        }
    }

    private mutating func addSettings() {
        let files = policy.fileSystem
        if files.hide.value, nesting?.context?.hides != true {
            add("what is outside the view couldn't be hidden", files.hide.origin, hint: "hide: false")
        }
        // Without a line there is no wish for one.
        if files.temporarySize.origin.source != "default" {
            add("there would be no /tmp of its own", files.temporarySize.origin, hint: "remove the line")
        }
        if policy.audit.reads.value == .fuse {
            add("denied reads couldn't be seen", policy.audit.reads.origin, hint: "audit: {reads: auto}")
        }
    }

    private mutating func addNetwork() {
        let network = policy.network
        if let nesting {
            if network.allow.isEmpty && network.loopback.isEmpty || nesting.holds(network) { return }
        }
        for rule in network.allow {
            add(
                "\(rule.value.target) couldn't be told from other hosts", rule.origin,
                hint: "without network rules there is no network")
        }
        for port in network.loopback {
            add("port \(port.value) of the host couldn't be told from others", port.origin)
        }
        for socket in network.unixSockets {
            add("\(socket.pattern.written) couldn't be told from other sockets", socket.origin)
        }
    }
}
