internal import Linux
internal import Profile

/// From rules to mounts: the decision of the profile page, path by path, and what has to be made to hold it.
///
/// Pure: what the host has at a pin is asked through a closure.
struct ViewLayout {
    /// Every mount, a directory before what lies in it.
    private(set) var mounts: [ViewMount] = []
    private var position = PathIndex(capacity: 128)

    private let rules: [ViewRule]

    /// The rules that hold at one path and, inherited, below it, by their numbers: a thousand frames are made
    /// of a thousand rules, and a rule is much to copy.
    private struct Frame {
        let path: AbsolutePath
        var denied: Int?
        var protected: Int?
        var floor: Int?
        var base = ViewState.absent
        var baseRule: Int?
        var state = ViewState.absent
    }

    /// Lays the rules out.
    ///
    /// `status` tells what the host has at a path without links. Throws `refused` for a grant below a deny,
    /// `failed` when a pin can't be looked up.
    init(
        _ rules: [ViewRule], status: (AbsolutePath) throws(Errno) -> FileStatus
    ) throws(SandboxError) {
        var stack = [Frame(path: .root)]
        // Numbers are cheaper to move about than rules.
        let sorted = rules.indices.sorted { rules[$0].path < rules[$1].path }
        self.rules = rules
        mounts.reserveCapacity(rules.count)
        var next = 0
        while next < sorted.count {
            var end = next
            let path = rules[sorted[next]].path
            while end < sorted.count, rules[sorted[end]].path == path { end += 1 }
            while let top = stack.last, !top.path.contains(path) { stack.removeLast() }
            let parent = stack.last ?? Frame(path: .root)
            let frame = try frame(at: path, of: sorted[next..<end], in: parent)
            if frame.state != parent.state { append(frame) }
            stack.append(frame)
            next = end
        }
        try addPins(status)
    }

    private func frame(
        at path: AbsolutePath, of numbers: ArraySlice<Int>, in parent: Frame
    ) throws(SandboxError) -> Frame {
        var frame = Frame(
            path: path, denied: parent.denied, protected: parent.protected,
            floor: parent.floor, base: parent.base, baseRule: parent.baseRule)
        var access = Access.none
        for number in numbers {
            switch rules[number].kind {
            case .deny:
                // A line of the profile is a better answer than the floor when both name the path.
                if frame.denied == nil { frame.denied = number }
            case .protect:
                if frame.protected == nil { frame.protected = number }
            case .grant(let granted):
                // A wildcard doesn't name what the floor keeps.
                if rules[number].isMatch, numbers.contains(where: { rules[$0].kind == .floor }) { continue }
                if let deny = parent.denied { throw Self.belowDeny(rules[number], rules[deny]) }
                if let floor = parent.floor {
                    try Self.check(rules[number], in: rules[floor], isMasked: parent.state == .masked)
                }
                if granted > access {
                    access = granted
                    frame.floor = nil
                    frame.base = .host(granted)
                    frame.baseRule = number
                }
            case .floor:
                if access == .none { frame.floor = number }
            case .own(let place):
                if access == .none, parent.denied == nil {
                    frame.base = .own(place)
                    frame.baseRule = number
                    // Mews's own ssh_config is no key of the host's, though it lies among them.
                    if parent.state != .masked { frame.floor = nil }
                }
            }
        }
        for number in numbers {
            // A line that names exactly this place lifts the floor before it comes here, so whoever grants it
            // still has come through a link.
            if case .floor = rules[number].kind, access != .none, let grant = frame.baseRule {
                throw Self.throughLink(rules[grant], rules[number])
            }
        }
        frame.state = Self.state(of: frame, in: parent)
        return frame
    }

    /// A grant of something in a place of the floor has to name it there, and needs a place to mount on, which
    /// a mask hasn't.
    private static func check(
        _ grant: ViewRule, in floor: ViewRule, isMasked: Bool
    ) throws(SandboxError) {
        if !floor.named.contains(grant.named) { throw throughLink(grant, floor) }
        if isMasked { throw belowDeny(grant, floor) }
    }

    /// Whoever can write where the link lies could otherwise choose what the line grants.
    private static func throughLink(_ grant: ViewRule, _ floor: ViewRule) -> SandboxError {
        SandboxError(
            .refused, "\(grant.written) leads to \(grant.path), which is in the floor (\(floor.written))",
            origin: grant.origin, hint: "name \(floor.written) itself if the command shall have it")
    }

    private static func state(of frame: Frame, in parent: Frame) -> ViewState {
        if frame.denied != nil || frame.floor != nil {
            // Only what would be seen has to be covered.
            return parent.state.showsHost ? .masked : parent.state
        }
        if frame.protected != nil, frame.base == .host(.write) { return .host(.read) }
        return frame.base
    }

    private static func belowDeny(_ grant: ViewRule, _ deny: ViewRule) -> SandboxError {
        SandboxError(
            .refused, "\(grant.written) is granted below \(deny.written), which \(deny.origin) denies",
            origin: grant.origin,
            hint: "there is no grant below a deny: remove one of the two lines")
    }

    private mutating func append(_ frame: Frame) {
        let number: Int?
        let reason: ViewMount.Reason
        let source: ViewMount.Source
        var access = Access.read
        switch frame.state {
        case .absent:
            return
        case .masked:
            number = frame.denied ?? frame.floor
            reason = .mask
            let isDirectory = number.flatMap { rules[$0].status?.isDirectory } ?? true
            source = .scratch(Array((isDirectory ? "mask/directory" : "mask/file").utf8))
            access = .none
        case .host(let granted):
            // Whether it is the protection that decides, not the grant.
            let isProtected =
                frame.protected.map { rules[$0].path == frame.path && frame.base == .host(.write) } ?? false
            number = isProtected ? frame.protected : frame.baseRule
            guard let status = number.flatMap({ rules[$0].status }) else { return }
            reason = isProtected ? .protect : .grant
            source = .host(status)
            access = granted
        case .own(let place):
            number = frame.baseRule
            reason = .own
            (source, access) = Self.source(of: place)
        }
        guard let number else { return }
        insert(
            ViewMount(
                destination: frame.path, source: source, access: access, reason: reason,
                origin: rules[number].origin,
                isDirectory: rules[number].status?.isDirectory ?? source.isOwnDirectory,
                written: rules[number].line))
    }

    private static func source(of place: OwnPlace) -> (ViewMount.Source, Access) {
        switch place {
        case .directory(let name): (.scratch(Array(name.utf8)), .write)
        case .published: (.scratch(Array(PublishedContent.scratchName.utf8)), .read)
        case .file(let index): (.scratch(Array("files/\(index)".utf8)), .read)
        case .devices: (.devices, .write)
        case .processes: (.processes, .write)
        }
    }

    private mutating func insert(_ mount: ViewMount) {
        position[mount.destination] = mounts.count
        mounts.append(mount)
    }

    /// Holds fast every directory between a place that can be rearranged and a mount in it.
    ///
    /// A mount point can't be renamed, but the directory that holds it can: without the pin,
    /// `mv .git x; mkdir -p .git/hooks` would put a writable directory where the protected one was.
    private mutating func addPins(
        _ status: (AbsolutePath) throws(Errno) -> FileStatus
    ) throws(SandboxError) {
        // What is appended meanwhile is pins.
        for index in mounts.indices {
            guard let outer = position.nearest(above: mounts[index].destination),
                mounts[outer].canBeRearranged
            else { continue }
            for directory in mounts[index].destination.ancestors {
                if directory == mounts[outer].destination { break }
                if position[directory] != nil { continue }
                var pin = try Self.pin(directory, in: mounts[outer], origin: mounts[index].origin, status)
                pin.written = mounts[index].written
                insert(pin)
            }
        }
        mounts.sort { $0.destination < $1.destination }
        for index in mounts.indices { position[mounts[index].destination] = index }
    }

    private static func pin(
        _ directory: AbsolutePath, in outer: ViewMount, origin: Origin,
        _ status: (AbsolutePath) throws(Errno) -> FileStatus
    ) throws(SandboxError) -> ViewMount {
        let source: ViewMount.Source
        if case .scratch(let base) = outer.source {
            let below = outer.destination.relative(of: directory) ?? []
            source = .scratch(base + [UInt8(ascii: "/")] + below)
        } else {
            do throws(Errno) {
                source = .host(try status(directory))
            } catch {
                throw SandboxError(.failed, "cannot pin \(directory)", errno: error, origin: origin)
            }
        }
        return ViewMount(
            destination: directory, source: source, access: .write, reason: .pin, origin: origin,
            isDirectory: true)
    }

    /// The mount that a path strictly below its destination belongs to; nil in the skeleton.
    func nearest(above path: AbsolutePath) -> ViewMount? {
        position.nearest(above: path).map { mounts[$0] }
    }

    /// The mount that a path belongs to, its own one included.
    func nearest(at path: AbsolutePath) -> ViewMount? {
        position[path].map { mounts[$0] } ?? nearest(above: path)
    }
}

extension ViewMount {
    /// Whether a directory further below could be renamed from inside.
    var canBeRearranged: Bool {
        if access != .write { return false }
        switch source {
        case .host, .scratch: return true
        case .devices, .processes: return false
        }
    }
}

extension ViewMount.Source {
    /// Whether one of Mews's own places is a directory.
    fileprivate var isOwnDirectory: Bool {
        switch self {
        case .scratch(let path): !path.starts(with: Array("files/".utf8))
        case .devices, .processes: true
        case .host(let status): status.isDirectory
        }
    }
}
