public import Linux
public import Profile

/// What explanations are made from: what the kernel holds, and the lines behind it.
///
/// Made once for a session; an explanation then takes a few look-ups, however many rules there are.
public struct ExplanationContext: Sendable {
    /// A mount, as far as it answers questions.
    struct Mount: Sendable {
        /// What is mounted.
        enum Place: String, Sendable {
            /// A tree or file of the host.
            case host
            /// A part of a granted tree that can only be read.
            case protected
            /// A place that exists and can't be used.
            case mask
            /// A place that the command shall not tell from one that isn't there.
            case hidden
            /// A directory that is held where it is.
            case pin
            /// A directory or file of Mews's own.
            case own
            /// The device directory.
            case devices
            /// The process file system.
            case processes
        }

        let path: AbsolutePath
        let access: Access
        let place: Place
        let rule: DecidingRule
    }

    /// In tree order: a directory before what lies in it.
    let mounts: [Mount]
    private let destinations: [AbsolutePath]
    private let index: PathIndex
    /// What is kept out where nothing is mounted.
    let restrictions: RestrictionIndex
    /// The links of the sandbox's own root, as the host has them.
    let links: PathIndex
    /// The directory that the session works in.
    public let workspace: AbsolutePath
    let home: AbsolutePath?
    /// Where a repository's file limits what can be granted, so that no other line adds anything.
    let narrowing: Origin?
    /// Whether what is kept out is told from what isn't there (`filesystem.hide`).
    public let hides: Bool
    /// Who can be reached.
    public let network: NetworkPolicy

    /// Takes what a launch decided.
    ///
    /// - Parameters:
    ///   - policy: has the lines.
    ///   - view: has the mounts.
    ///   - workspace: by a path without links.
    ///   - home: the home directory, for paths in the form in which a profile has them.
    public init(policy: Policy, view: View, workspace: AbsolutePath, home: AbsolutePath?) {
        let files = policy.fileSystem
        let known = DecidingRules(policy)
        var mounts = view.mounts.map { known.mount($0) }
        // What a launch makes first, and a look at the policy doesn't.
        let planned = Self.planned(policy, view)
        if !planned.isEmpty {
            mounts += planned
            mounts.sort { $0.path < $1.path }
        }
        self.init(
            mounts: mounts, restrictions: RestrictionIndex(files, keptOut: view.keptOut),
            links: view.nodes.compactMap { node in
                guard case .link = node.kind else { return nil }
                // Paths of the scratch file system, in which the root of the view is a directory.
                return AbsolutePath(node.path.bytes.dropFirst("/root".utf8.count))
            },
            workspace: workspace, home: home, narrowing: files.narrowing, hides: files.hide.value,
            network: policy.network)
    }

    init(
        mounts: [Mount], restrictions: RestrictionIndex, links: [AbsolutePath], workspace: AbsolutePath,
        home: AbsolutePath?, narrowing: Origin?, hides: Bool, network: NetworkPolicy
    ) {
        self.network = network
        self.mounts = mounts
        destinations = mounts.map(\.path)
        self.restrictions = restrictions
        self.workspace = workspace
        self.home = home
        self.narrowing = narrowing
        self.hides = hides
        var index = PathIndex(capacity: mounts.count)
        for (number, mount) in mounts.enumerated() { index[mount.path] = number }
        self.index = index
        var places = PathIndex()
        for link in links { places[link] = 0 }
        self.links = places
    }

    /// The mount that a path belongs to; nil in the sandbox's own root.
    func mount(of path: AbsolutePath) -> Mount? {
        (index[path] ?? index.nearest(above: path)).map { mounts[$0] }
    }

    /// The mount that grants what a pin or a protection only restricts.
    func grant(behind mount: Mount) -> Mount {
        var found = mount
        while found.place == .pin || found.place == .protected,
            let above = index.nearest(above: found.path)
        { found = mounts[above] }
        return found
    }

    /// Whether the path is a directory of the sandbox's own root, which only leads to mounts.
    func leadsToMounts(_ path: AbsolutePath) -> Bool {
        if path.isRoot || home.map({ path.contains($0) }) == true { return true }
        return hasMount(atOrBelow: path)
    }

    /// Whether something is mounted at the path or in it.
    func hasMount(atOrBelow path: AbsolutePath) -> Bool {
        destinations.first(atOrAfter: path).map { path.contains($0) } ?? false
    }

    /// Whether something is mounted in a directory that may be used for more than this.
    func hasMount(below path: AbsolutePath, moreThan access: Access) -> Bool {
        mounts.contains { $0.path != path && path.contains($0.path) && $0.access > access }
    }

    /// Whether a link that the host has at a path is there inside as well.
    ///
    /// - Parameters:
    ///   - path: where the link lies.
    ///   - isWalked: whether the root of the view leads on where the host has directories and links, as it does when
    ///     denied reads are seen and nothing is hidden.
    /// - Returns: false where inside there is nothing, or something else.
    public func showsLink(at path: AbsolutePath, isWalked: Bool) -> Bool {
        guard let mount = mount(of: path) else { return isWalked || links[path] != nil }
        return [.host, .protected, .pin].contains(mount.place) && mount.access != .none
    }

    private static func planned(_ policy: Policy, _ view: View) -> [Mount] {
        let skipped = view.skipped.filter { $0.reason == ViewBuilder.wouldBeMade }
        guard !skipped.isEmpty else { return [] }
        return policy.fileSystem.grants.compactMap { grant in
            guard grant.createsDirectory,
                skipped.contains(where: { $0.origin == grant.origin && $0.written == grant.pattern.written })
            else { return nil }
            let kind: DecidingRule.Kind = grant.access == .write ? .write : .read
            return Mount(
                path: grant.pattern.prefix, access: grant.access, place: .host,
                rule: DecidingRule(kind, grant.pattern.written, grant.origin))
        }
    }
}
