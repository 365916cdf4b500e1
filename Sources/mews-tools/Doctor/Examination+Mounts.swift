internal import Linux
internal import Sandbox

extension Examination {
    /// What the view is made with.
    var mountProbes: [Probe] {
        [
            mountProbe("private mounts") { () throws(SandboxError) in "separated from the host's" },
            mountProbe("tmpfs by fsopen") { () throws(SandboxError) in
                _ = try makeScratch()
                return "mounted"
            },
            mountProbe("open_tree, mount_setattr, move_mount", attempt: attachReadOnly),
            mountProbe("pivot_root", attempt: enterRoot),
            mountProbe("devpts") { () throws(SandboxError) in
                _ = try make("devpts", Remedy.mounts)
                return "mounted"
            },
            mountProbe("proc", in: .all, attempt: mountProcesses),
            mountProbe(
                "kernel.pid_max of the PID namespace", .processes, in: .all, attempt: limitProcesses),
        ]
    }

    private func mountProbe(
        _ name: String, _ layer: Layer = .namespaces, in namespaces: Processes.Namespaces = [.user, .mount],
        attempt: @escaping () throws(SandboxError) -> String
    ) -> Probe {
        Probe(name, layer) { () throws(SandboxError) in
            try ThrowAwayChild.run(in: namespaces) { () throws(SandboxError) in
                try separateMounts()
                return try attempt()
            }
        }
    }

    private func make(
        _ type: String, _ remedy: (String, Errno) -> SandboxError
    ) throws(SandboxError) -> FileDescriptor {
        try Probe.step({ remedy("mount \(type)", $0) }) { () throws(Errno) in
            try Mounts.make(CString(type), [.noSetUserID])
        }
    }

    /// Mounted over /tmp of the child's own mount namespace.
    private func makeScratch() throws(SandboxError) -> FileDescriptor {
        let tree = try make("tmpfs", Remedy.mounts)
        let number = tree.number
        try Probe.step({ Remedy.mounts("attach a mount", $0) }) { () throws(Errno) in
            try Mounts.attach(number, at: CString("/tmp"))
        }
        return tree
    }

    /// Makes a directory that refuses to be written, and tries to.
    private func attachReadOnly() throws(SandboxError) -> String {
        let scratch = try makeScratch()
        let number = scratch.number
        let create = { (name: String) throws(Errno) in
            _ = try Files.open(CString(name), at: number, [.write, .create, .closeOnExec], mode: 0o600)
        }
        try Probe.step({ Remedy.mounts("attach a read-only copy", $0) }) { () throws(Errno) in
            let place = CString("place")
            try Files.makeDirectory(place, at: number, mode: 0o700)
            try create("place/before")
            let copy = try Mounts.clone(place, at: number, submounts: false)
            try Mounts.add([.readOnly, .noSetUserID, .noDevices], to: copy.number)
            try Mounts.attach(copy.number, at: place, below: number)
        }
        try Probe.requireRefusal(Errno(30), of: "writing a read-only mount") { () throws(Errno) in
            try create("place/after")
        }
        return "a read-only copy was attached and refused to be written"
    }

    private func enterRoot() throws(SandboxError) -> String {
        let scratch = try makeScratch()
        let number = scratch.number
        try Probe.step({ Remedy.mounts("enter a new root", $0) }) { () throws(Errno) in
            try Files.changeDirectory(to: number)
            try Mounts.enterRoot()
        }
        try Probe.requireRefusal(.noEntry, of: "a look at the old root") { () throws(Errno) in
            _ = try Files.status(CString("/proc"))
        }
        return "the old root is gone"
    }

    private func mountProcesses() throws(SandboxError) -> String {
        let tree = try make("proc") { _, errno in Remedy.processes(errno) }
        let number = tree.number
        let own = try Probe.step({ Remedy.processes($0) }) { () throws(Errno) in
            try Files.readLink(CString("self"), at: number)
        }
        guard own.elementsEqual("1".utf8) else {
            throw SandboxError(.failed, "/proc of a new PID namespace shows other processes")
        }
        return "mounted, and shows only the namespace's own processes"
    }

    /// Written only where it is known to belong to the namespace: elsewhere it would be the host's.
    private func limitProcesses() throws(SandboxError) -> String {
        guard try KernelProbe.facts().hasOwnProcessLimit else {
            throw SandboxError(
                .missingLayer, "this kernel has one for the whole host",
                hint: "Linux 6.14 or later; without it RLIMIT_NPROC alone limits processes, which counts all "
                    + "of the user's and doesn't hold for root")
        }
        let tree = try make("proc") { _, errno in Remedy.processes(errno) }
        let number = tree.number
        try Probe.step({ SandboxError(.missingLayer, "cannot write kernel.pid_max", errno: $0) }) {
            () throws(Errno) in
            let file = try Files.open(
                CString("sys/kernel/pid_max"), at: number, [.write, .closeOnExec])
            _ = try Files.write(file.number, Array("512".utf8)[...])
        }
        return "set for the namespace alone"
    }
}
