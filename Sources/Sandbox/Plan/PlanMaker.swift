internal import Linux
internal import Profile

/// Puts the steps into the one order in which they work.
///
/// Pure: everything about the host was found before.
struct PlanMaker {
    private let inputs: SandboxPlan.Inputs
    private var operations: [Operation] = []
    private var origins: [Origin?] = []
    private var slotCount = 0
    private var landlock: [(place: LandlockWall.Place, rights: Landlock.Rights)] = []

    /// The bound of process numbers, which lie between 300 and it: the kernel keeps those below for the first processes
    /// after the start and gives them once (RESERVED_PIDS in kernel/pid.c), so that a bound of N alone would be a limit
    /// of N - 300. Init, whose number is 1, counts as well. The kernel takes at least 301 and at most 4,194,304.
    private static func numberBound(_ limit: UInt64) -> UInt64 { min(max(299 + limit, 301), 4_194_304) }

    init(_ inputs: SandboxPlan.Inputs) {
        self.inputs = inputs
        // A copy and an attachment for each mount, each listener, and some thirty others.
        let count = inputs.view.mounts.count * 2 + inputs.policy.network.listeners.count + 32
        operations.reserveCapacity(count)
        origins.reserveCapacity(count)
    }

    consuming func make() -> SandboxPlan {
        let user = CString("\(inputs.facts.user) \(inputs.facts.user) 1")
        let group = CString("\(inputs.facts.group) \(inputs.facts.group) 1")
        add(.endWithParent)
        // Everything else happens as somebody whom the new namespaces know.
        add(.mapIdentity(user: user, group: group))
        // Before the first mount, because otherwise that one would appear on the host.
        add(.makeMountsPrivate)
        addNetwork()
        addTrees()
        addFileSystems()
        addMounts()
        // After the last mount, because the host's tree is gone from here on.
        add(.enterRoot)
        addProcessState()
        addWalls()
        return SandboxPlan(
            operations: operations, origins: origins, view: inputs.view, construction: inputs.construction)
    }

    private mutating func add(_ operation: Operation, _ origin: Origin? = nil) {
        operations.append(operation)
        origins.append(origin)
    }

    /// Early, because it depends on nothing else and needs the capabilities; the sockets are handed out before the
    /// session may proceed.
    private mutating func addNetwork() {
        let network = inputs.policy.network
        add(.captureNetwork)
        for listener in network.listeners { add(.listen(listener), network.origin(of: listener)) }
        add(.handOverNetwork)
    }

    /// Copies are taken while all of the host's tree is still visible, before the scratch file system covers
    /// a part of it.
    private mutating func addTrees() {
        for mount in inputs.view.mounts {
            guard case .host(let status) = mount.source else { continue }
            let tree = TreeClone(
                path: CString(mount.destination), identity: status.identity,
                attributes: Self.attributes(of: mount))
            add(.cloneTree(tree), mount.origin)
            landlock.append((.slot(slotCount), rights(of: mount)))
            slotCount += 1
        }
    }

    private static let devices = AbsolutePath.root.appending("dev")

    private static func attributes(of mount: ViewMount) -> Mounts.Attributes {
        var attributes: Mounts.Attributes = [.noSetUserID]
        if mount.access != .write { attributes.insert(.readOnly) }
        // A granted device is granted to be opened.
        if !devices.contains(mount.destination) { attributes.insert(.noDevices) }
        return attributes
    }

    private func rights(of mount: ViewMount) -> Landlock.Rights {
        mount.landlockRights(among: Landlock.Rights.all(version: inputs.kernel.landlockVersion))
    }

    private mutating func addFileSystems() {
        let size = inputs.policy.fileSystem.temporarySize
        // One file per page of the size: what small files can fill anyway, and never too few to start.
        let files = max(16_384, size.value / 4096)
        var own = Self.ownNodes(inputs)
        var root: [ScratchNode] = []
        root.reserveCapacity(inputs.view.nodes.count)
        for node in inputs.view.nodes {
            if node.isInRoot {
                root.append(Self.scratchNode(node))
            } else {
                own.append(Self.scratchNode(node))
            }
        }
        own += Self.publishedNodes(inputs)
        // What Mews puts there isn't the command's to pay for.
        let bytes = size.value + (inputs.published?.scratchSize ?? 0)
        add(
            .makeScratch(
                Scratch(size: CString("\(bytes)"), nodeLimit: CString("\(files)"), nodes: own)),
            size.origin)
        switch inputs.reads {
        case .off: add(.makeRoot(root))
        case .fuse(let device):
            add(.makeSkeletonRoot(SkeletonRoot(inputs.view.nodes, device: device, for: inputs.facts)))
        }
    }

    private static func scratchNode(_ node: SkeletonNode) -> ScratchNode {
        let kind: ScratchNode.Kind =
            switch node.kind {
            case .directory: .directory(mode: 0o755)
            case .file: .file(mode: 0o444, content: [])
            case .link(let target): .link(CString(target))
            }
        return ScratchNode(path: CString(node.path.bytes.dropFirst()), kind: kind)
    }

    private static func ownNodes(_ inputs: SandboxPlan.Inputs) -> [ScratchNode] {
        func node(_ path: String, _ kind: ScratchNode.Kind) -> ScratchNode {
            ScratchNode(path: CString(path), kind: kind)
        }
        let shared: UInt32 = 0o1777
        var nodes = [
            node("tmp", .directory(mode: shared)), node("vartmp", .directory(mode: shared)),
            node("shm", .directory(mode: shared)),
            node("mask", .directory(mode: 0o755)), node("mask/directory", .directory(mode: 0)),
            node("mask/file", .file(mode: 0, content: [])), node("files", .directory(mode: 0o755)),
            node("devices", .directory(mode: 0o755)), node("devices/pts", .directory(mode: 0o755)),
            node("devices/ptmx", .link(CString("pts/ptmx"))),
            node("devices/fd", .link(CString("/proc/self/fd"))),
            node("devices/stdin", .link(CString("/proc/self/fd/0"))),
            node("devices/stdout", .link(CString("/proc/self/fd/1"))),
            node("devices/stderr", .link(CString("/proc/self/fd/2"))),
        ]
        for device in inputs.kernel.devices {
            let name = String(decoding: device.destination.bytes.dropFirst("dev/".utf8.count), as: UTF8.self)
            nodes.append(node("devices/\(name)", .file(mode: 0o444, content: [])))
        }
        for (index, file) in inputs.view.files.enumerated() {
            nodes.append(node("files/\(index)", .file(mode: 0o444, content: file.content)))
        }
        return nodes
    }

    /// The files of /run/mews, where the view has it.
    private static func publishedNodes(_ inputs: SandboxPlan.Inputs) -> [ScratchNode] {
        let name = PublishedContent.scratchName
        let source = ViewMount.Source.scratch(Array(name.utf8))
        guard inputs.view.mounts.contains(where: { $0.source == source }) else { return [] }
        let directory = ScratchNode(path: CString(name), kind: .directory(mode: 0o755))
        guard let published = inputs.published else { return [directory] }
        let files: [(String, UInt32, [UInt8])] = [
            // The supervisor, being the same user without a privilege, writes them, the first while the command
            // runs; inside, the mount is read-only.
            ("denials", 0o644, []), ("session", 0o644, []),
            ("policy", 0o444, published.policy),
        ]
        return [directory]
            + files.map { file, mode, content in
                ScratchNode(path: CString("\(name)/\(file)"), kind: .file(mode: mode, content: content))
            }
    }

    private mutating func addMounts() {
        // The copies were taken in the same order.
        var hostSlot = 0
        var maskCount = 0
        for mount in inputs.view.mounts {
            switch mount.source {
            case .processes:
                let limit = inputs.policy.process.limits.processes
                let number = inputs.kernel.hasOwnProcessLimit ? limit?.value : nil
                add(
                    .mountProcesses(
                        processLimit: number.map { CString("\(Self.numberBound($0))") },
                        isRoot: inputs.facts.user == 0),
                    limit?.origin)
            case .devices:
                add(.mountDevices(inputs.kernel.devices))
            case .host:
                attach(.slot(hostSlot), mount)
                hostSlot += 1
            case .scratch where mount.reason == .mask && inputs.reads != .off:
                attach(.mask(SkeletonMasks.name(maskCount)), mount)
                maskCount += 1
                slotCount += 1
            case .scratch(let path):
                let attributes: Mounts.Attributes =
                    mount.access == .write
                    ? [.noSetUserID, .noDevices] : [.noSetUserID, .noDevices, .readOnly]
                attach(.scratch(CString(path), attributes), mount)
                // Nothing on a mask: its mode lets nobody in, and this wall stays shut as well.
                if mount.reason != .mask { landlock.append((.slot(slotCount), rights(of: mount))) }
                slotCount += 1
            }
        }
    }

    private mutating func attach(_ source: Attachment.Source, _ mount: ViewMount) {
        let destination = CString(mount.destination.bytes.dropFirst())
        add(.attach(Attachment(source: source, destination: destination)), mount.origin)
    }

    private mutating func addProcessState() {
        add(.setHostName(CString(IdentityFiles.hostName)))
        add(.joinNewKeyring)
        for (resource, limit, origin) in inputs.resources { add(.setLimit(resource, limit), origin) }
        add(.changeDirectory(CString(inputs.workingDirectory)))
        if let terminal = inputs.terminal { add(.makeTerminal(terminal)) }
    }

    private mutating func addWalls() {
        // After the mounts and limits, which need capabilities; before the two walls, so that neither is
        // built with more privilege than it takes.
        add(.dropCapabilities)
        add(.refuseNewPrivileges)
        let all = Landlock.Rights.all(version: inputs.kernel.landlockVersion)
        // Directories of the skeleton can be listed; what is mounted in them has rules of its own.
        landlock.append((.path(CString("/")), [.readDirectory]))
        landlock.append((.path(CString("/proc")), [.readFile, .writeFile, .readDirectory]))
        landlock.append((.path(CString("/dev")), [.readFile, .readDirectory]))
        // A read-only mount doesn't keep anybody from writing to a device, so a granted one must not be
        // covered by what the sandbox's own devices need.
        let use = all.intersection([.readFile, .writeFile, .truncate, .deviceControl])
        landlock.append((.path(CString("/dev/pts")), use.union(.readDirectory)))
        for device in inputs.kernel.devices {
            landlock.append((.path(CString([UInt8(ascii: "/")] + device.destination.bytes)), use))
        }
        if inputs.construction == .namespaces(landlock: true) {
            add(.enforceLandlock(LandlockWall(version: inputs.kernel.landlockVersion, rules: landlock)))
        }
        // The walls take more descriptors than a command may be allowed.
        if let limit = inputs.policy.process.limits.openFiles {
            add(.setLimit(.openFiles, limit.value), limit.origin)
        }
        add(.loadFilter(inputs.filter))
    }
}

extension SandboxPlan {
    /// Makes the plan.
    public init(_ inputs: Inputs) {
        self =
            inputs.construction.hasNamespaces
            ? PlanMaker(inputs).make() : ConfinementPlanMaker(inputs).make()
    }
}
