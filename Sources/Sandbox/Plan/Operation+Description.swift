internal import Linux
internal import Network

extension Operation {
    /// What the operation does, as the rest of a sentence that begins with "cannot".
    var action: String {
        switch self {
        case .endWithParent: "end with the supervisor"
        case .mapIdentity: "map the user and the group"
        case .makeMountsPrivate: "make the mounts private"
        case .captureNetwork: "capture the network"
        case .listen(let listener): "listen on \(Self.text(listener))"
        case .handOverNetwork: "hand over the network"
        case .cloneTree(let tree): "bind \(Self.text(tree.path))"
        case .makeScratch: "make the scratch file system"
        case .makeRoot: "make the root of the view"
        case .makeSkeletonRoot(let skeleton):
            "make the root of the view with \(Self.text(skeleton.device))"
        case .mountProcesses: "mount /proc"
        case .mountDevices: "mount /dev"
        case .attach(let attachment): "mount on /\(Self.text(attachment.destination))"
        case .enterRoot: "enter the new root"
        case .setHostName: "set the host name"
        case .joinNewKeyring: "leave the keyring"
        case .joinNewKeyringIfPermitted: "leave the keyring, where that is permitted"
        case .setLimit(let resource, _): "set the limit of \(Self.text(resource))"
        case .changeDirectory(let path): "change into \(Self.text(path))"
        case .makeTerminal: "make a terminal"
        case .dropCapabilities: "drop the capabilities"
        case .giveUpCapabilities: "give up the capabilities"
        case .becomeReaper: "become the parent of what is left behind"
        case .hold(let place): "open \(Self.text(place.path))"
        case .reportBuilt: "report to the supervisor"
        case .refuseNewPrivileges: "refuse new privileges"
        case .enforceLandlock: "enforce Landlock"
        case .loadFilter: "load the filter of system calls"
        }
    }

    static func text(_ path: CString) -> String { PrintableText.escape(path.bytes) }

    static func text(_ listener: NetworkListener) -> String {
        switch listener.kind {
        case .stream: "TCP port \(listener.port)"
        case .loopbackStream: "TCP port \(listener.port) of 127.0.0.1"
        case .datagram: "UDP port \(listener.port)"
        }
    }

    static func text(_ resource: Resource) -> String {
        switch resource {
        case .fileSize: "file-size"
        case .core: "core files"
        case .processes: "processes"
        case .openFiles: "open-files"
        }
    }
}

extension Operation: CustomStringConvertible {
    /// One line for `--dry-run`.
    public var description: String {
        switch self {
        case .mapIdentity(let user, let group):
            "map user \(Self.text(user)), group \(Self.text(group)), no setgroups"
        case .cloneTree(let tree): "bind \(Self.text(tree.path)) \(Self.text(tree.attributes))"
        case .makeScratch(let scratch):
            "make scratch tmpfs, size \(Self.text(scratch.size)), files \(Self.text(scratch.nodeLimit))"
        case .makeRoot(let nodes): "make root with \(nodes.count) mount points and links"
        case .makeSkeletonRoot(let skeleton):
            "make root through \(Self.text(skeleton.device)) with \(skeleton.nodeCount) mount points and links"
        case .mountProcesses(let limit, _):
            "mount /proc" + (limit.map { ", kernel.pid_max \(Self.text($0))" } ?? "")
        case .mountDevices(let devices):
            "mount /dev with " + devices.map { Self.text($0.destination) }.joined(separator: " ")
        case .attach(let attachment):
            switch attachment.source {
            case .slot: "attach /\(Self.text(attachment.destination))"
            case .mask: "attach /\(Self.text(attachment.destination)) from the skeleton, masked"
            case .scratch(let path, let attributes):
                "attach /\(Self.text(attachment.destination)) from scratch \(Self.text(path)) "
                    + Self.text(attributes)
            }
        case .setHostName(let name): "name the host \(Self.text(name))"
        case .setLimit(let resource, let value): "limit \(Self.text(resource)) to \(value)"
        case .enforceLandlock(let wall):
            "enforce Landlock, version \(wall.version), with \(wall.rules.count) rules"
        case .loadFilter(let instructions): "load a filter of \(instructions.count) instructions"
        default: action
        }
    }

    private static func text(_ attributes: Mounts.Attributes) -> String {
        var words = [attributes.contains(.readOnly) ? "read-only" : "writable"]
        if attributes.contains(.noSetUserID) { words.append("nosuid") }
        if attributes.contains(.noDevices) { words.append("nodev") }
        if attributes.contains(.noExecution) { words.append("noexec") }
        return words.joined(separator: ",")
    }
}

extension SandboxPlan {
    /// What the failure of an operation means to the user.
    func error(at index: Int, _ errno: Errno) -> SandboxError {
        guard operations.indices.contains(index) else {
            return SandboxError(.failed, "cannot start init", errno: errno)
        }
        let operation = operations[index]
        // A host that has run out of something lacks no layer.
        if !Remedy.isShortage(errno), let layer = Remedy.layer(operation, errno) { return layer }
        if errno == .stale {
            return SandboxError(
                .refused, "cannot \(operation.action): something else lies there than a moment ago",
                origin: origins[index],
                hint: "somebody exchanges files under Mews's hands: find out who, then try again")
        }
        return SandboxError(.failed, "cannot \(operation.action)", errno: errno, origin: origins[index])
    }
}
