internal import Linux

extension ChildExecutor {
    /// Mounts the skeleton and hands its other side to the supervisor.
    mutating func makeRoot(_ skeleton: SkeletonRoot) throws(Errno) {
        let name = CString("root")
        try Files.makeDirectory(name, at: scratch, mode: 0o755)
        let tree = try mount(skeleton)
        try Mounts.attach(tree.number, at: name, below: scratch)
        root = tree.release()
        rootPath = CString("\(scratchPath)/root")
        // From here on each step into the root is a question that waits for the supervisor.
        for directory in skeleton.crowded {
            try takeOver(directory.path, count: directory.count)
        }
    }

    /// The kernel only mounts with a device that was opened in the user namespace of the mount, so the child
    /// opens it. The supervisor gets it after the mount, because before that the device only reports errors
    /// (fuse(4)), and alone: while a second copy of it were open here, the end of the supervisor wouldn't end
    /// the connection, and whoever waits for an answer couldn't even be killed.
    private func mount(_ skeleton: SkeletonRoot) throws(Errno) -> FileDescriptor {
        let device = try Files.open(skeleton.device, [.readWrite, .nonBlocking, .closeOnExec])
        // Whatever lies under that path now must be that device.
        guard try KernelProbe.isSkeletonDevice(device.number) else { throw .stale }
        let options = [
            (key: CString("source"), value: CString("mews")),
            (key: CString("fd"), value: CString("\(device.number)")),
            (key: CString("rootmode"), value: CString("40755")),
            (key: CString("user_id"), value: skeleton.user),
            (key: CString("group_id"), value: skeleton.group),
        ]
        let tree = try Mounts.make(CString("fuse"), options: options, [.readOnly, .noSetUserID, .noDevices])
        try Sockets.send(ControlMessage.skeleton.bytes, with: device.number, to: control)
        return tree
    }

    /// Lists a directory as far as needed for the kernel to know all that is in it.
    private func takeOver(_ path: CString, count: Int) throws(Errno) {
        let directory = try Files.open(path, at: root, [.read, .directory, .closeOnExec])
        // With the directory itself and its parent.
        try Files.passOver(count + 2, entriesOf: directory.number)
    }

    /// A mask is a directory or file of the skeleton, and attached where the host has what it masks.
    mutating func copyOfMask(_ name: CString) throws(Errno) -> Int32 {
        if masks < 0 {
            masks = try Files.open(
                CString(SkeletonMasks.directory), at: root, [.pathOnly, .directory, .closeOnExec]
            ).release()
        }
        let tree = try Mounts.clone(name, at: masks, submounts: false)
        // Neither read-only nor without execution, as the root is or could be: the kernel would answer by itself
        // that the file system is read-only, and nobody would learn of a try to execute. There is nothing in it
        // to write to, and the answer of the supervisor is that nobody may.
        try Mounts.remove(.readOnly, from: tree.number)
        return tree.release()
    }
}
