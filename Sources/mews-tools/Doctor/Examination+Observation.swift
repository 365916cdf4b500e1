internal import Linux
internal import Sandbox
internal import Supervisor

extension Examination {
    /// What the log depends on. All of it is denied all the same where this fails.
    var observationProbes: [Probe] {
        [
            Probe(Self.reads, .reads, failure: .unseen, seeRead),
            Probe(Self.writes, .writes, failure: .unseen) { () throws(SandboxError) in
                try ThrowAwayChild.run(listen)
            },
        ]
    }

    /// Files that hosts have and the default profile doesn't grant.
    private static let outside = ["/etc/shadow", "/etc/fstab", "/sys/kernel", "/root", "/home", "/boot"]

    /// Reads in a sandbox what isn't in its view, and looks whether its log knows.
    private func seeRead() throws(SandboxError) -> String {
        switch KernelProbe.skeletonDevice(device) {
        case .usable: break
        case .otherFile:
            throw SandboxError(
                .missingLayer, "\(device) isn't the FUSE device", hint: Self.unread("modprobe fuse, as root"))
        case .closed(let errno):
            throw SandboxError(
                .missingLayer, "cannot open \(device)", errno: errno, hint: Self.unread(remedy(for: errno)))
        }
        guard let path = Self.outside.first(where: { (try? Files.status(CString($0))) != nil }) else {
            throw SandboxError(.failed, "this host has none of \(Self.outside.joined(separator: ", "))")
        }
        do throws(SandboxError) {
            return try TrialRun.inThrowAwayChild(self, ["/bin/cat", path], .fuse(device)) {
                (trial) throws(SandboxError) in
                let status = try trial.status()
                guard status != .exited(0) else {
                    throw SandboxError(
                        .failed, "reading \(path) was not refused",
                        hint: "do not use this kernel for Mews, and report it")
                }
                guard trial.summary.denied.count(of: .reads) > 0 else {
                    throw SandboxError(
                        .failed, "reading \(path) was refused, and the log doesn't tell of it",
                        hint: "report it")
                }
                return "by \(device): a try to read \(path) was refused and written down"
            }
        } catch {
            // What stands in the way of every session has a line and a remedy of its own.
            throw error.hint.isEmpty && error.errno != nil
                ? SandboxError(
                    error.code, error.problem, errno: error.errno,
                    hint: Self.unread(
                        "Linux 4.18 or later with CONFIG_FUSE_FS, and in a container a seccomp and an "
                            + "AppArmor profile that let FUSE mounts in a user namespace pass"))
                : error
        }
    }

    private func remedy(for errno: Errno) -> String {
        switch errno {
        case .noEntry, .noDevice, Errno(6):
            "as root: modprobe fuse; in a container: start it with --device /dev/fuse"
        case .accessDenied:
            "as root: chmod 666 \(device), and for good a udev rule KERNEL==\"fuse\", MODE=\"0666\""
        case .notPermitted: "in a container: start it with --device /dev/fuse"
        default: "a device that can be opened for reading and writing"
        }
    }

    private static func unread(_ remedy: String) -> String {
        remedy + ". Until then reads outside the view are denied all the same, and not written down"
    }

    /// Whom a call is asked about refuses it once and lets it go on once.
    private func listen() throws(SandboxError) -> String {
        let filter = try Self.notifyingFilter()
        var listener = try Probe.step(Self.unlistened) { () throws(Errno) in
            try Processes.refuseNewPrivileges()
            return try SeccompListener(try Seccomp.loadListening(filter))
        }
        let process = try Probe.step({ SandboxError(.failed, "cannot fork", errno: $0) }, Processes.fork)
        if process == 0 { Processes.exitNow(Self.removeTwice()) }
        for isRefused in [true, false] {
            let call = try Self.call(&listener)
            try Probe.step(Self.unlistened) { () throws(Errno) in
                if isRefused { try listener.refuse(call, .crossDevice) } else { try listener.proceed(call) }
            }
        }
        let status = try Probe.step({ SandboxError(.failed, "cannot wait", errno: $0) }) { () throws(Errno) in
            try Processes.wait(for: process)
        }
        guard status == .exited(0) else {
            throw SandboxError(.failed, "a call was answered otherwise than the listener said")
        }
        return "a call was told to a listener and did what that answered"
    }

    private static func notifyingFilter() throws(SandboxError) -> [UInt64] {
        do throws(SyscallFilterError) {
            return try SyscallFilter.make(allow: [], deny: [], debug: false, isNotifying: true).instructions
        } catch {
            throw SandboxError(.failed, error.description)
        }
    }

    /// The next call that waits for an answer.
    private static func call(_ listener: inout SeccompListener) throws(SandboxError) -> UInt64 {
        let patience: Int64 = 5_000_000_000
        var entries = [Poll.Entry(listener.descriptor.number, .readable)]
        let call = try Probe.step(unlistened) { () throws(Errno) in
            try Poll.wait(&entries, nanoseconds: patience)
            return entries[0].returned.contains(.readable) ? try listener.receive() : nil
        }
        guard let call else { throw SandboxError(.failed, "a call that is to be told wasn't") }
        return call.identifier
    }

    /// Tries twice to remove what isn't there: once the listener's answer comes, once the kernel's.
    private static func removeTwice() -> Int32 {
        let path = CString("/mews-doctor/nothing")
        for wanted in [Errno.crossDevice, .noEntry] {
            do throws(Errno) {
                try Files.remove(path)
                return 1
            } catch {
                if error != wanted { return 1 }
            }
        }
        return 0
    }

    private static func unlistened(_ errno: Errno) -> SandboxError {
        let hint =
            switch errno {
            case .busy:
                "another sandbox around this one listens, and the kernel allows one listener: start mews outside "
                    + "of it"
            case .invalidArgument: "Linux 5.5 or later is needed, and gVisor has no listener"
            default: "in a container, a seccomp profile that lets seccomp and its listener pass"
            }
        return SandboxError(
            .missingLayer, "the kernel allows no listener", errno: errno,
            hint: hint
                + ". Until then what is denied is denied all the same, and not written down")
    }
}
