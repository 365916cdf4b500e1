internal import Linux
internal import Profile

/// Puts the steps in order that hold a session without namespaces: Landlock and the filter are the only walls.
///
/// Pure: everything about the host was found before.
struct ConfinementPlanMaker {
    private let inputs: SandboxPlan.Inputs
    private var operations: [Operation] = []
    private var origins: [Origin?] = []
    private var rules: [(place: LandlockWall.Place, rights: Landlock.Rights)] = []
    private var slotCount = 0
    private let all: Landlock.Rights

    init(_ inputs: SandboxPlan.Inputs) {
        self.inputs = inputs
        all = Landlock.Rights.all(version: inputs.kernel.landlockVersion)
    }

    consuming func make() -> SandboxPlan {
        // While it is built nothing is there that would have to be ended; init takes this back.
        add(.endWithParent)
        // Before there is anybody who could be left behind.
        add(.becomeReaper)
        addPlaces()
        // An outer sandbox has left it, and lets nobody near keyrings.
        if !inputs.construction.isNested { add(.joinNewKeyringIfPermitted) }
        for (resource, limit, origin) in inputs.resources { add(.setLimit(resource, limit), origin) }
        add(.changeDirectory(CString(inputs.workingDirectory)))
        if let terminal = inputs.terminal {
            add(.makeTerminal(terminal))
            rules.append((.terminal, device))
        }
        add(.reportBuilt)
        // As in a plan with namespaces: after what could need privileges, before the two walls.
        add(.giveUpCapabilities)
        add(.refuseNewPrivileges)
        add(.enforceLandlock(LandlockWall(version: inputs.kernel.landlockVersion, rules: rules)))
        if let limit = inputs.policy.process.limits.openFiles {
            add(.setLimit(.openFiles, limit.value), limit.origin)
        }
        add(.loadFilter(inputs.filter))
        return SandboxPlan(
            operations: operations, origins: origins, view: inputs.view, construction: inputs.construction)
    }

    private mutating func add(_ operation: Operation, _ origin: Origin? = nil) {
        operations.append(operation)
        origins.append(origin)
    }

    /// What is granted is held open from the moment at which it is compared with what was found.
    private mutating func addPlaces() {
        for mount in inputs.view.mounts {
            switch mount.source {
            case .host(let status):
                hold(mount.destination, .file(status.identity), rights(of: mount), mount.origin)
            case .processes: addProcesses()
            case .devices: addDevices()
            case .scratch: addOuterDirectory(mount)
            }
        }
    }

    private mutating func hold(
        _ path: AbsolutePath, _ expected: HeldPlace.Expected, _ rights: Landlock.Rights, _ origin: Origin?
    ) {
        add(.hold(HeldPlace(path: CString(path), expected: expected)), origin)
        rules.append((.slot(slotCount), rights))
        slotCount += 1
    }

    private func rights(of mount: ViewMount) -> Landlock.Rights { mount.landlockRights(among: all) }

    /// The host's processes are among those shown; nothing in it may be written, since the kernel's settings are
    /// there, and they are root's. What tells of a process outside more than its name and state, the kernel keeps for
    /// those who may trace it, which Landlock keeps to the inside.
    private mutating func addProcesses() {
        let own: Landlock.Rights = inputs.construction.isNested ? [.writeFile] : []
        rules.append((.path(CString("/proc")), own.union([.readFile, .readDirectory])))
    }

    private var device: Landlock.Rights {
        all.intersection([.readFile, .writeFile, .truncate, .deviceControl])
    }

    /// Device by device, and of the terminals the command's own alone: the host's /dev has more, and other terminals
    /// of the same user among it.
    private mutating func addDevices() {
        for device in inputs.kernel.devices {
            let path = AbsolutePath([UInt8(ascii: "/")] + device.destination.bytes) ?? .root
            hold(path, .device(device.number), self.device, nil)
        }
        // The terminals there are an outer sandbox's own.
        if inputs.construction.isNested {
            rules.append((.path(CString("/dev")), [.readDirectory]))
            rules.append((.path(CString("/dev/pts")), device.union(.readDirectory)))
        }
    }

    /// /tmp and the like of the sandbox around this one.
    private mutating func addOuterDirectory(_ mount: ViewMount) {
        guard inputs.construction.isNested else { return }
        rules.append((.path(CString(mount.destination)), rights(of: mount)))
    }
}
