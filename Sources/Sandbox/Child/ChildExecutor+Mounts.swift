internal import Linux

extension ChildExecutor {
    /// Copies a tree of the host and checks that it is the one that the plan was made for.
    ///
    /// Between the lookup and now the path may lead elsewhere: an earlier command may have left a process
    /// that swaps directories (CVE-2024-42472, CVE-2026-34078). The identity was taken from a descriptor
    /// that is still open, so an equal one is the same file.
    mutating func clone(_ tree: TreeClone) throws(Errno) {
        let copy = try Mounts.clone(tree.path, submounts: true)
        guard try Files.status(of: copy.number).identity == tree.identity else { throw .stale }
        // While detached, so that it is never visible without them.
        try Mounts.add(tree.attributes, to: copy.number)
        slots.append(copy.release())
    }

    mutating func make(_ description: Scratch) throws(Errno) {
        let options = [
            (key: CString("size"), value: description.size),
            (key: CString("nr_inodes"), value: description.nodeLimit),
            (key: CString("mode"), value: CString("0755")),
        ]
        let tree = try Mounts.make(CString("tmpfs"), options: options, [.noSetUserID, .noDevices])
        // Parts of a detached tree can't be copied before Linux 6.15, so it has to hang somewhere; what it
        // covers is only covered in here, and left behind with the old root.
        scratchPath = try attachAnywhere(tree.number)
        scratch = tree.release()
        for node in description.nodes { try make(node) }
        // Whoever tells where a path inside leads needs to look at what is in /tmp.
        try Sockets.send(ControlMessage.scratch.bytes, with: scratch, to: control)
    }

    private func attachAnywhere(_ tree: Int32) throws(Errno) -> String {
        var last = Errno.noEntry
        for place in ["/tmp", "/mnt", "/usr", "/etc"] {
            do throws(Errno) {
                try Mounts.attach(tree, at: CString(place))
                return place
            } catch {
                last = error
            }
        }
        throw last
    }

    private func make(_ node: ScratchNode) throws(Errno) {
        switch node.kind {
        case .directory(let mode):
            try Files.makeDirectory(node.path, at: scratch, mode: mode)
            // The sticky bit and the rights of others don't depend on the caller's umask.
            if mode & 0o1000 != 0 {
                let directory = try Files.open(node.path, at: scratch, [.read, .directory, .closeOnExec])
                try Files.setMode(of: directory.number, mode)
            }
        case .file(let mode, let content):
            let file = try Files.open(
                node.path, at: scratch, [.write, .create, .exclusive, .closeOnExec], mode: mode)
            if !content.isEmpty { try Files.writeAll(file.number, content) }
        case .link(let target):
            try Files.makeLink(node.path, to: target, at: scratch)
        }
    }

    /// The root is a read-only mount of one directory of the scratch file system, attached over itself.
    mutating func makeRoot(_ nodes: [ScratchNode]) throws(Errno) {
        let name = CString("root")
        try Files.makeDirectory(name, at: scratch, mode: 0o755)
        for node in nodes { try make(node) }
        let tree = try copyOfScratch(name, [.noSetUserID, .noDevices, .readOnly])
        try Mounts.attach(tree, at: name, below: scratch)
        root = tree
        try Files.changeDirectory(to: root)
    }

    private func copyOfScratch(_ path: CString, _ attributes: Mounts.Attributes) throws(Errno) -> Int32 {
        let tree = try Mounts.clone(path, at: scratch, submounts: false)
        try Mounts.add(attributes, to: tree.number)
        return tree.release()
    }

    mutating func attach(_ attachment: Attachment) throws(Errno) {
        switch attachment.source {
        case .slot(let slot):
            try Mounts.attach(slots[slot], at: attachment.destination, below: root)
        case .scratch(let path, let attributes):
            let tree = try copyOfScratch(path, attributes)
            try Mounts.attach(tree, at: attachment.destination, below: root)
            slots.append(tree)
        case .mask(let name):
            let tree = try copyOfMask(name)
            try Mounts.attach(tree, at: attachment.destination, below: root)
            slots.append(tree)
        }
    }

    func mountProcesses(processLimit: CString?, isRoot: Bool) throws(Errno) {
        let tree = try Mounts.make(
            CString("proc"), [.noSetUserID, .noDevices, .noExecution])
        // Before `sys` becomes read-only: no user namespace below this one, in which everything that was
        // given up here could be had again, and with it the kernel's largest surface.
        try Self.write("sys/user/max_user_namespaces", at: tree.number, [UInt8(ascii: "0")])
        if let processLimit {
            try Self.write("sys/kernel/pid_max", at: tree.number, processLimit.bytes)
            // The next number is the first of those that are given again; a kernel that lets nobody choose it gives up to
            // 299 more once.
            try? Self.write("sys/kernel/ns_last_pid", at: tree.number, Array("300".utf8))
        }
        try Mounts.attach(tree.number, at: CString("proc"), below: root)
        // In it processes have the numbers by which the kernel names them to the skeleton.
        try Sockets.send(ControlMessage.processes.bytes, with: tree.number, to: control)
        for part in ProcessFileSystem.readOnly { try makeReadOnly("proc/\(part)") }
        let files = ProcessFileSystem.maskedFiles + (isRoot ? ProcessFileSystem.filesOfRoot : [])
        for file in files { try mask("proc/\(file)", with: CString("mask/file")) }
        for directory in ProcessFileSystem.maskedDirectories {
            try mask("proc/\(directory)", with: CString("mask/directory"))
        }
    }

    private func makeReadOnly(_ path: String) throws(Errno) {
        let copy: FileDescriptor
        do throws(Errno) {
            copy = try Mounts.clone(CString(path), at: root, submounts: false)
        } catch .noEntry {
            // This kernel doesn't have it: another call has to say so too, because what is there and stays writable is
            // the host's to root.
            if try Files.statusIfThere(CString(path), at: root) != nil { throw .noEntry }
            return
        }
        try Mounts.add([.readOnly, .noSetUserID, .noDevices, .noExecution], to: copy.number)
        try Mounts.attach(copy.number, at: CString(path), below: root)
    }

    /// Covers something with an unreadable part of our own file system, never with a device that somebody
    /// may have put a link in place of (CVE-2025-31133).
    private func mask(_ path: String, with cover: CString) throws(Errno) {
        // Asked first, because a copy that isn't attached is taken down when it is closed, for which the kernel
        // waits until all processors have passed a quiet state (RCU): up to a millisecond each.
        let destination = CString(path)
        do throws(Errno) {
            _ = try Files.status(destination, at: root)
        } catch .noEntry {
            return
        }
        let copy = try copyOfScratch(cover, [.readOnly, .noSetUserID, .noDevices, .noExecution])
        defer { _ = FileDescriptor(owning: copy) }
        try Mounts.attach(copy, at: destination, below: root)
    }

    func mount(_ devices: [Device]) throws(Errno) {
        let directory = try copyOfScratch(
            CString("devices"), [.readOnly, .noSetUserID, .noDevices, .noExecution])
        try Mounts.attach(directory, at: CString("dev"), below: root)
        for device in devices {
            let copy = try Mounts.clone(device.hostPath, submounts: false)
            // Whatever lies under that name now must be that device (CVE-2025-31133).
            let status = try Files.status(of: copy.number)
            guard status.kind == .characterDevice, status.special == device.number else { throw .stale }
            // Devices are written to all the same on a read-only mount; their mode, owner and times, which are the
            // host's, can't be changed, not even by root, whom they belong to.
            try Mounts.add([.readOnly, .noSetUserID, .noExecution], to: copy.number)
            try Mounts.attach(copy.number, at: device.destination, below: root)
        }
        let options = [
            (key: CString("ptmxmode"), value: CString("0666")),
            (key: CString("mode"), value: CString("0620")),
        ]
        let terminals = try Mounts.make(
            CString("devpts"), options: options, [.noSetUserID, .noExecution])
        try Mounts.attach(terminals.number, at: CString("dev/pts"), below: root)
    }
}
