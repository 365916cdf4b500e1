import Audit
import Foundation
import Linux
@testable import Supervisor
import Testing

/// Real processes, of which what they run is only claimed: that a claim comes true is the integration tests' part.
@Suite("Programs are followed from their start to their end")
struct CommandWatchTests {
    private static let program = Array("/bin/thing".utf8)

    /// A process that waits. It has answered once: posix_spawn(3) returns as soon as the new program's memory is
    /// in place, and a moment before /proc/PID/stat tells where its parts are, which looked like a second execve(2).
    private static func sleeper() throws -> Process {
        let process = Process()
        let (question, answer) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/bin/cat")
        process.standardInput = question
        process.standardOutput = answer
        try process.run()
        try question.fileHandleForWriting.write(contentsOf: Data([0x0a]))
        let answered = try answer.fileHandleForReading.read(upToCount: 1)
        try #require(answered == Data([0x0a]))
        return process
    }

    private static func candidate(_ isLikely: Bool = true) -> CommandWatch.Candidate {
        CommandWatch.Candidate(
            program: program, arguments: [program], workingDirectory: [0x2f], isLikely: isLikely)
    }

    /// A watch that takes this very process for the session's own command.
    private static func watch(most: Int = 16) throws -> CommandWatch {
        var watch = try CommandWatch(redacted: [], most: most)
        let noted = watch.attempts(ProcessInfo.processInfo.processIdentifier, nil, at: 0)
        #expect(noted == nil)
        watch.sessionStarted()
        return watch
    }

    private static func words(_ events: [CommandEvent]) -> [String] {
        events.map { event in
            switch event {
            case .started: "started"
            case .ended(let end): "ended \(end.outcome)"
            case .replaced: "replaced"
            case .unwatched: "unwatched"
            }
        }
    }

    @Test("the session's own search for its command isn't recorded")
    func ownStart() throws {
        var watch = try Self.watch()
        let own = ProcessInfo.processInfo.processIdentifier
        let noted = watch.attempts(own, Self.candidate(), at: 1)
        #expect(noted == nil)
        let events = watch.takeEvents()
        #expect(events.isEmpty)
    }

    @Test("one that failed leaves nothing, however often it is tried")
    func failing() throws {
        let process = try Self.sleeper()
        defer { kill(process.processIdentifier, SIGKILL) }
        var watch = try Self.watch()
        for time in 1...3 as ClosedRange<Int64> {
            let noted = watch.attempts(process.processIdentifier, Self.candidate(), at: time)
            #expect(noted != nil)
        }
        _ = watch.attempts(process.processIdentifier, nil, at: 4)
        watch.finish(at: 5)
        let events = watch.takeEvents()
        #expect(events.isEmpty)
    }

    @Test("one that nobody could look at is taken for what lay there", arguments: [true, false])
    func killed(isLikely: Bool) throws {
        let process = try Self.sleeper()
        var watch = try Self.watch()
        _ = watch.attempts(process.processIdentifier, Self.candidate(isLikely), at: 1)
        kill(process.processIdentifier, SIGKILL)
        var entries = [Poll.Entry(watch.descriptor, .readable)]
        try Poll.wait(&entries, nanoseconds: 10_000_000_000)
        watch.serve(at: 2)
        process.waitUntilExit()
        watch.serve(at: 3)
        watch.finish(at: 4)
        let events = Self.words(watch.takeEvents())
        #expect(events == (isLikely ? ["started", "ended signal(9)"] : []))
    }

    @Test("what is left in the end has an end as well, by what it said")
    func left() throws {
        let process = try Self.sleeper()
        defer { kill(process.processIdentifier, SIGKILL) }
        var watch = try Self.watch()
        _ = watch.attempts(process.processIdentifier, Self.candidate(), at: 1)
        watch.finish(at: 4)
        let events = Self.words(watch.takeEvents())
        #expect(events == ["started", "ended unknown"])
    }

    @Test("of more than can be watched only the start is recorded, and that the end isn't seen")
    func bound() throws {
        let processes = try (0..<3).map { _ in try Self.sleeper() }
        defer { for process in processes { kill(process.processIdentifier, SIGKILL) } }
        var watch = try Self.watch(most: 2)
        for process in processes { _ = watch.attempts(process.processIdentifier, Self.candidate(), at: 1) }
        let events = Self.words(watch.takeEvents())
        #expect(events == ["started", "unwatched"])
    }

    @Test("a note about a process that is gone is taken back")
    func withdrawn() throws {
        let process = try Self.sleeper()
        defer { kill(process.processIdentifier, SIGKILL) }
        var watch = try Self.watch()
        let attempted = watch.attempts(process.processIdentifier, Self.candidate(), at: 1)
        let noted = try #require(attempted)
        watch.withdraw(noted)
        watch.finish(at: 2)
        let events = watch.takeEvents()
        #expect(events.isEmpty)
    }

    @Test("nothing is handed out before the session's own start is recorded")
    func order() throws {
        let process = try Self.sleeper()
        defer { kill(process.processIdentifier, SIGKILL) }
        var watch = try CommandWatch(redacted: [], most: 0)
        _ = watch.attempts(ProcessInfo.processInfo.processIdentifier, nil, at: 0)
        _ = watch.attempts(process.processIdentifier, Self.candidate(), at: 1)
        let before = watch.takeEvents()
        #expect(before.isEmpty)
        watch.sessionStarted()
        let events = Self.words(watch.takeEvents())
        #expect(events == ["started", "unwatched"])
    }

    @Test("a program that goes on is looked at again and again, and not for ever")
    func looks() throws {
        let process = try Self.sleeper()
        defer { kill(process.processIdentifier, SIGKILL) }
        var watch = try Self.watch()
        _ = watch.attempts(process.processIdentifier, Self.candidate(), at: 1)
        var looks = 0
        while let deadline = watch.nextDeadline, looks < 100 {
            watch.serve(at: deadline)
            looks += 1
        }
        #expect((5...20).contains(looks))
        let events = watch.takeEvents()
        #expect(events.isEmpty)
    }
}
