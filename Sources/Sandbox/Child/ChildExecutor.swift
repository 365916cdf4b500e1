internal import Linux

/// Does the plan's operations, in the child, before anything of the sandbox runs.
///
/// It formats nothing: an error goes back as the number of the operation and the errno. Descriptors are
/// plain numbers here, because all of them end together when init closes everything.
struct ChildExecutor {
    /// The socket to the supervisor.
    let control: Int32
    /// The command's terminal, once made.
    private(set) var terminal: Int32?
    /// Init's own filter, which it loads when it has forked the command's process; the plan's last operation.
    private(set) var filter: [UInt64]?
    /// Detached trees by slot, kept for the Landlock rules.
    var slots: [Int32] = []
    var scratch: Int32 = -1
    /// Where it hangs, as seen before the new root is entered.
    var scratchPath = ""
    var root: Int32 = -1
    /// The path of a root that costs a question to the supervisor to change into; nil for any other.
    var rootPath: CString?
    /// The directory of the skeleton's masks, once it was needed.
    var masks: Int32 = -1

    /// The network's sockets, until they are handed over.
    var listeners: [Int32] = []

    init(control: Int32) {
        self.control = control
    }

    mutating func execute(_ operation: Operation) throws(Errno) {
        switch operation {
        case .endWithParent: try endWithParent()
        case .mapIdentity(let user, let group): try mapIdentity(user: user, group: group)
        case .makeMountsPrivate: try Mounts.makeAllPrivate()
        case .captureNetwork: try NetworkCapture.capture()
        case .listen(let listener): try listen(listener)
        case .handOverNetwork: try handOverNetwork()
        case .cloneTree(let tree): try clone(tree)
        case .makeScratch(let description): try make(description)
        case .makeRoot(let nodes): try makeRoot(nodes)
        case .makeSkeletonRoot(let skeleton): try makeRoot(skeleton)
        case .mountProcesses(let limit, let isRoot): try mountProcesses(processLimit: limit, isRoot: isRoot)
        case .mountDevices(let devices): try mount(devices)
        case .attach(let attachment): try attach(attachment)
        case .enterRoot: try enterRoot()
        case .setHostName(let name): try Processes.setHostName(name)
        case .joinNewKeyring: try joinNewKeyring()
        case .joinNewKeyringIfPermitted: try joinNewKeyringIfPermitted()
        case .setLimit(let resource, let value): try Self.limit(resource, to: value)
        case .changeDirectory(let path): try Files.changeDirectory(path)
        case .makeTerminal(let description): try make(description)
        case .dropCapabilities: try Capabilities.dropAll()
        case .giveUpCapabilities: try giveUpCapabilities()
        case .becomeReaper: try Processes.becomeReaper()
        case .hold(let place): try hold(place)
        case .reportBuilt: try Sockets.send(ControlMessage.built.bytes, to: control)
        case .refuseNewPrivileges: try Processes.refuseNewPrivileges()
        case .enforceLandlock(let wall): try enforce(wall)
        case .loadFilter(let instructions): filter = instructions
        }
    }

    /// The parent may have ended before the request for its signal: then nobody holds the other end of the
    /// control socket any more. (Its process number says nothing in here: it is 0.)
    private func endWithParent() throws(Errno) {
        try Processes.endWithParent()
        if try Poll.look(at: control, for: .readable).contains(.hungUp) { throw .noProcess }
    }

    /// Written by the process itself: the kernel lets it map its own numbers, and only after it has given up
    /// setgroups(2), by which a group that is there to exclude could be dropped (CVE-2014-8989).
    private func mapIdentity(user: CString, group: CString) throws(Errno) {
        try Self.write("/proc/self/setgroups", Array("deny".utf8))
        try Self.write("/proc/self/uid_map", user.bytes)
        try Self.write("/proc/self/gid_map", group.bytes)
    }

    private func enterRoot() throws(Errno) {
        if let rootPath { try Mounts.enterRoot(at: rootPath) } else { try Mounts.enterRoot() }
    }

    /// Writes a setting, which the kernel takes in one piece.
    static func write(_ path: String, at directory: Int32 = Files.currentDirectory, _ bytes: [UInt8])
        throws(Errno)
    {
        let file = try Files.open(CString(path), at: directory, [.write, .closeOnExec])
        let count = try Files.write(file.number, bytes[...])
        if count != bytes.count { throw .inputOutput }
    }

    /// A kernel without keyrings has none to leave.
    private func joinNewKeyring() throws(Errno) {
        do throws(Errno) {
            try Processes.joinNewKeyring()
        } catch .notImplemented {
            return
        }
    }

    private func joinNewKeyringIfPermitted() throws(Errno) {
        do throws(Errno) {
            try joinNewKeyring()
        } catch .notPermitted {
            return
        }
    }

    /// A limit is lowered; one that is lower already stays.
    private static func limit(_ resource: Resource, to value: UInt64) throws(Errno) {
        let held = try Processes.limit(resource)
        let lowered = min(value, held.hard)
        try Processes.setLimit(resource, soft: lowered, hard: lowered)
    }

    /// The terminal belongs to the sandbox's own devpts, so nothing of the host's terminal is reachable
    /// through it; the supervisor gets the other side.
    private mutating func make(_ description: CommandTerminal) throws(Errno) {
        let master = try Files.open(
            CString("/dev/ptmx"), [.readWrite, .noControllingTerminal, .closeOnExec])
        let peer = try Terminal.peer(of: master.number)
        // Here and not by the supervisor, which the command would overtake.
        if let size = description.size { try Terminal.setSize(size, of: peer.number) }
        if !description.processesOutput {
            let settings = try Terminal.settings(of: peer.number)
            try Terminal.set(settings.withoutOutputProcessing, of: peer.number)
        }
        terminal = peer.release()
        try Sockets.send(ControlMessage.terminal.bytes, with: master.number, to: control)
    }

    /// Whoever has the right gives up the ways to get one back as well. Without it the caller has none to give up, or is
    /// a root that a container has taken some from; and execve(2) gives none to a process that takes no new
    /// privileges.
    private func giveUpCapabilities() throws(Errno) {
        do throws(Errno) {
            try Capabilities.dropAll()
        } catch .notPermitted {
            try Capabilities.giveUp()
        }
    }

    /// Between the lookup and now the path may lead elsewhere, as with ``clone(_:)``.
    private mutating func hold(_ place: HeldPlace) throws(Errno) {
        let found = try Files.open(place.path, [.pathOnly, .noFollow, .closeOnExec])
        let status = try Files.status(of: found.number)
        let isExpected =
            switch place.expected {
            case .file(let identity): status.identity == identity
            case .device(let number): status.kind == .characterDevice && status.special == number
            }
        guard isExpected else { throw .stale }
        slots.append(found.release())
    }

    private func enforce(_ wall: LandlockWall) throws(Errno) {
        let ruleset = try Landlock.makeRuleset(version: wall.version)
        for rule in wall.rules {
            switch rule.place {
            case .slot(let slot):
                try Landlock.allow(rule.rights, on: slots[slot], in: ruleset.number)
            case .path(let path):
                let place = try Files.open(path, [.pathOnly, .closeOnExec])
                try Landlock.allow(rule.rights, on: place.number, in: ruleset.number)
            case .terminal:
                guard let terminal else { throw .badDescriptor }
                try Landlock.allow(rule.rights, on: terminal, in: ruleset.number)
            }
        }
        try Landlock.enforce(ruleset.number)
    }
}
