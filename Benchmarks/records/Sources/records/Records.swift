import Audit
import Linux

/// Writes records of denials as fast as it can and tells what that took: `records DIRECTORY COUNT`.
@main
struct Records {
    static func main() {
        let arguments = Arguments.commandLine().map { String(decoding: $0, as: UTF8.self) }
        guard arguments.count == 3, let directory = AbsolutePath(arguments[1]), let count = Int(arguments[2])
        else { fatalError("records DIRECTORY COUNT") }
        do throws(AuditFailure) {
            try measure(directory, count)
        } catch {
            fatalError("\(error)")
        }
    }

    private static func measure(_ directory: AbsolutePath, _ count: Int) throws(AuditFailure) {
        var random = SystemRandomNumberGenerator()
        let session = SessionIdentifier(
            milliseconds: UInt64(Clock.realtime() / 1_000_000), using: &random)
        let owner = AuditOwner(
            session: session, programVersion: "0.2.0", userName: "developer",
            user: Processes.identity().user, hostName: "workstation")
        var settings = AuditSettings()
        // Without bounds, which would leave most of them out, and each path its own, so that none is folded.
        settings.bounds.burst = .max >> 32
        settings.bounds.size = .max >> 1
        let place = try AuditDirectory(stateHome: directory, user: owner.user)
        var log = try AuditLog(in: place, of: owner, settings)
        try log.start(start, at: now())
        let begin = Clock.monotonic()
        for index in 0..<count { try log.append(denial(index), at: now()) }
        let written = Clock.monotonic() - begin
        try log.finish(SessionEnd(cause: .exit, status: 0), at: now())
        let size = (try? Files.targetStatus(CString(log.path)).size) ?? 0
        print(
            "{\"records\":\(log.records),\"nanoseconds\":\(written),\"bytes\":\(size),"
                + "\"log\":\"\(log.path)\"}")
    }

    private static func now() -> Moment {
        Moment(realtime: Clock.realtime(), monotonic: Clock.monotonic())
    }

    private static var start: SessionStart {
        let digest = [UInt8](repeating: 0x5a, count: 32)
        return SessionStart(
            policy: AuditedPolicy(name: "workspace", digest: digest, files: []), kernelRelease: "6.18.0",
            landlockVersion: 7, level: "full",
            observation: SessionStart.Observation(reads: .fuse, writes: .notify),
            workspace: Array("/home/developer/project".utf8),
            workingDirectory: Array("/home/developer/project".utf8),
            arguments: ["npm", "install"].map { Array($0.utf8) }, nonce: digest)
    }

    private static func denial(_ index: Int) -> Denial {
        let path = "/home/developer/.config/service-\(index)/credentials.json"
        return Denial(
            .file(.open, Array(path.utf8), type: .regular), .outsideView, call: "openat", errno: Errno(13),
            process: AuditedProcess(
                process: 12, hostProcess: 48_211, name: Array("node".utf8),
                program: Array("/usr/bin/node".utf8)),
            rule: .default, message: "node may not read \(path): no rule names it.",
            fix: "filesystem: {read: [\(path)]}")
    }
}
