internal import Linux
internal import Sandbox
internal import Supervisor

extension Examination {
    /// The default profile around /bin/true in an empty workspace: what a launch does, with nothing left out.
    var wholeProbe: Probe {
        Probe(Self.whole, nil) { () throws(SandboxError) in
            try TrialRun.inThrowAwayChild(self, ["/bin/true"], usualReads) {
                (trial) throws(SandboxError) in
                let status = try trial.status()
                guard status == .exited(0) else {
                    throw SandboxError(.failed, "/bin/true ended with \(status)")
                }
                return "/bin/true ran in a view of \(trial.mounts) mounts"
            }
        }
    }

    /// Where the device can't be used a launch goes without, and so does a trial.
    var usualReads: ReadAudit {
        KernelProbe.skeletonDevice(device) == .usable ? .fuse(device) : .off
    }
}
