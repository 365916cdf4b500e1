internal import Audit
internal import Linux
internal import Sandbox

/// Turns a call that waits into a verdict: reads what its registers point to and looks the places up.
struct CallJudge: ~Copyable {
    private let map: ViewMap
    private let devices: [AbsolutePath]
    private let scratch: ScratchLookup?
    /// The skeleton sees who tries to reach a socket that isn't in the view.
    private let skeletonSeesConnections: Bool

    init(_ view: View, scratch: consuming FileDescriptor?, skeletonSeesConnections: Bool) {
        map = ViewMap(view)
        devices = KernelProbe.deviceNames.map { AbsolutePath.root.appending("dev").appending($0) }
        self.skeletonSeesConnections = skeletonSeesConnections
        if let scratch { self.scratch = ScratchLookup(scratch) } else { self.scratch = nil }
    }

    /// What a call does that the view refuses; nil when it doesn't, or when what it names can't be told.
    func denial(
        of shape: CallShape, _ arguments: [UInt64], caller: Caller, _ host: inout HostLookup
    ) -> (subject: DeniedAct.Subject, reason: DeniedAct.Reason)? {
        let flags = Self.flags(of: shape.act, arguments)
        guard let first = place(shape.path, of: shape, flags, arguments, caller, &host) else { return nil }
        var second: CallPlace?
        if let path = shape.second {
            guard let found = place(path, of: shape, flags, arguments, caller, &host) else { return nil }
            second = found
        }
        let verdict = CallVerdict(
            CallVerdict.Call(act: shape.act, flags: flags, first: first, second: second))
        switch verdict {
        case .allowed: return nil
        case .unreachable(let reason):
            // It sees those to what is kept out of a grant too: a mask is a part of it.
            if skeletonSeesConnections, first.region == .outside || first.region == .masked { return nil }
            return (.socketPath(first.path), reason)
        case .denied(let reason, let activity):
            if shape.path.text == nil || Self.isNull(shape.path, arguments),
                let number = shape.path.directory,
                isForeign(Int32(truncatingIfNeeded: arguments[number]), caller, &host)
            {
                return nil
            }
            // Of a link the new name is what comes into being.
            if shape.act == .link, let second {
                return (.file(activity, second.path, second: first.path), reason)
            }
            return (.file(activity, first.path, second: second?.path), reason)
        }
    }

    private static func flags(of act: CallShape.Act, _ arguments: [UInt64]) -> UInt32 {
        switch act {
        case .open(let register): UInt32(truncatingIfNeeded: arguments[register])
        case .rename(let register?), .remove(let register?): UInt32(truncatingIfNeeded: arguments[register])
        default: 0
        }
    }

    /// A descriptor that was open before the sandbox was is on a mount of the host, whatever the view has at
    /// that path: what it is used for isn't the view's business.
    private func isForeign(_ number: Int32, _ caller: Caller, _ host: inout HostLookup) -> Bool {
        caller.mount(ofDescriptor: number).map { host.hasMount($0) } ?? true
    }

    private static func isNull(_ path: CallShape.Path, _ arguments: [UInt64]) -> Bool {
        path.text.map { arguments[$0] == 0 } ?? true
    }

    func place(
        _ path: CallShape.Path, of shape: CallShape, _ flags: UInt32, _ arguments: [UInt64], _ caller: Caller,
        _ host: inout HostLookup
    ) -> CallPlace? {
        let pathFlags = path.flags.map { UInt32(truncatingIfNeeded: arguments[$0]) } ?? 0
        var follows = path.follows
        // AT_SYMLINK_NOFOLLOW takes following away, AT_SYMLINK_FOLLOW gives it to linkat.
        if pathFlags & 0x100 != 0 { follows = false }
        if shape.act == .link, pathFlags & 0x400 != 0 { follows = true }
        if case .open = shape.act { follows = OpenFlags(rawValue: flags).followsLink }
        guard let text = text(path, arguments, caller) else { return nil }
        let start: [UInt8]
        if text.first == UInt8(ascii: "/") {
            start = text
        } else {
            guard let found = directory(path, arguments, caller) else { return nil }
            start = found
        }
        let isItself = text.isEmpty
        // An empty path names the descriptor itself, for calls that take one (AT_EMPTY_PATH).
        if isItself, path.text != nil, !Self.isNull(path, arguments), pathFlags & 0x1000 == 0 { return nil }
        guard let base = text.first == UInt8(ascii: "/") ? .root : AbsolutePath(start) else { return nil }
        let end: PathWalk.End?
        if isItself {
            end = PathWalk.End(path: base, answer: look(at: base, caller, &host))
        } else {
            end = PathWalk.find(text, from: base, follow: follows) { look(at: $0, caller, &host) }
        }
        return end.map { CallPlace($0, in: map) }
    }

    /// The bytes of the path; empty when the descriptor itself is meant.
    func text(_ path: CallShape.Path, _ arguments: [UInt64], _ caller: Caller) -> [UInt8]? {
        guard let register = path.text else { return [] }
        let address = arguments[register]
        if path.isAddress {
            return socketAddress(register, arguments, caller).flatMap(SocketAddress.path)
        }
        // utimensat and futimesat take NULL for the descriptor itself.
        if address == 0 { return path.directory == nil ? nil : [] }
        return try? ProcessMemory.readText(process: caller.thread, address: address)
    }

    /// The bytes of a socket's address, whose length the next register holds.
    func socketAddress(_ register: Int, _ arguments: [UInt64], _ caller: Caller) -> [UInt8]? {
        let length = min(UInt32(truncatingIfNeeded: arguments[register + 1]), UInt32(SocketAddress.longest))
        return try? ProcessMemory.read(
            process: caller.thread, address: arguments[register], count: Int(length))
    }

    private func directory(
        _ path: CallShape.Path, _ arguments: [UInt64], _ caller: Caller
    ) -> [UInt8]? {
        guard let register = path.directory else { return caller.workingDirectory() }
        let number = Int32(truncatingIfNeeded: arguments[register])
        return number == Files.currentDirectory ? caller.workingDirectory() : caller.descriptorPath(number)
    }

    /// What lies at a path of the view without links, or would if it were granted.
    private func look(at path: AbsolutePath, _ caller: Caller, _ host: inout HostLookup) -> ViewAnswer {
        guard let mount = map.mount(of: path) else {
            if let answer = map.skeleton(at: path) { return answer }
            return ViewAnswer(host.lookStraight(at: path))
        }
        switch mount.source {
        case .host: return ViewAnswer(host.lookStraight(at: path))
        case .processes: return ProcessFiles.look(at: path, caller)
        case .devices: return device(at: path)
        case .scratch(let base):
            if mount.reason == .mask { return ViewAnswer(host.lookStraight(at: path)) }
            // Without it only the names of its mounts are known.
            return scratch?.look(at: ViewMap.scratchPath(of: path, in: mount, base))
                ?? (path == mount.destination ? .directory : .something)
        }
    }

    private static let deviceLinks: [(name: String, target: String)] = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ]

    private func device(at path: AbsolutePath) -> ViewAnswer {
        let names = path.components
        guard names.count > 1 else { return .directory }
        for link in Self.deviceLinks where names[1].elementsEqual(link.name.utf8) {
            return names.count > 2 ? .throughLink : .link(Array(link.target.utf8))
        }
        if devices.contains(path) { return .special }
        if names[1].elementsEqual("pts".utf8) { return names.count == 2 ? .directory : .special }
        return .missing
    }
}
