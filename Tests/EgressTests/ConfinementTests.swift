import Linux
import Testing

@Suite("Once it is confined the door can relay, and nothing else", .serialized)
struct ConfinementTests {
    private static let badSystemCall: Int32 = 31

    /// Runs the trial, which lies beside this program.
    private static func ending(of act: String) throws -> WaitStatus {
        let own = try #require(AbsolutePath(Files.readLink(CString("/proc/self/exe"))))
        let directory = String(decoding: own.bytes, as: UTF8.self).split(separator: "/").dropLast()
        let trial = "/" + directory.joined(separator: "/") + "/door-trial"
        // Before the fork: other threads of the tests may hold the heap's lock in the copy for ever.
        let program = CString(trial)
        let arguments = CStringArray([CString("door-trial"), CString(act)])
        let environment = CStringArray([])
        let child = try Processes.fork()
        if child == 0 {
            _ = Processes.execute(program, arguments: arguments, environment: environment)
            Processes.exitNow(127)
        }
        return try Processes.wait(for: child)
    }

    @Test(
        "what a relay does, it still may", arguments: ["nothing", "dial", "ask", "move", "memory", "random"])
    func allowed(act: String) throws {
        #expect(try Self.ending(of: act) == .exited(0))
    }

    @Test(
        "everything else kills it",
        arguments: [
            "open", "stat", "execute", "fork", "kill", "unix", "listen", "interfaces", "session", "dumpable",
            "print",
            "limit",
        ])
    func refused(act: String) throws {
        #expect(try Self.ending(of: act) == .signalled(Self.badSystemCall))
    }
}
