import Audit
import Linux
import TestSupport
import Testing

@Suite("Many denials become few records, and none is uncounted")
struct FoldingTests {
    private let second: Int64 = 1_000_000_000

    @Test("three identical ones stand singly, the rest in one record five seconds later")
    func identical() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        for _ in 0..<10 {
            try log.append(AuditFixture.denial("/secret"), at: fixture.now)
            fixture.time += second / 10
        }
        #expect(try fixture.records().count == 4)
        let next = log.nextDeadline
        let deadline = try #require(next)
        // The window began with the fourth act, three tenths of a second after the first.
        #expect(deadline == fixture.time - 7 * second / 10 + 5 * second)
        fixture.time = deadline - 1
        try log.flush(at: fixture.now)
        #expect(try fixture.records().count == 4)
        fixture.time = deadline
        try log.flush(at: fixture.now)
        let record = try #require(try fixture.records().last)
        #expect(record["count"]?.number == 7)
        #expect(record["time"] == record["end_time"])
        #expect((record["end_time"]?.number ?? 0) - (record["start_time"]?.number ?? 0) == 600)
        let rest = log.nextDeadline
        #expect(rest == nil)
    }

    @Test("another path, activity or program is another denial")
    func different() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        for _ in 0..<3 {
            try log.append(AuditFixture.denial("/a"), at: fixture.now)
            try log.append(AuditFixture.denial("/b"), at: fixture.now)
            try log.append(AuditFixture.denial("/a", .write), at: fixture.now)
            try log.append(AuditFixture.denial([0x2f, 0x61], program: "/bin/tac"), at: fixture.now)
            try log.append(AuditFixture.denial([0x2f, 0x61], program: nil), at: fixture.now)
        }
        #expect(try fixture.records().count == 16)
    }

    @Test("whatever the order, the totals are what happened", arguments: 0..<40)
    func totals(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let fixture = try AuditFixture()
        fixture.bounds.denials = Int.random(in: 1...6, using: &random)
        fixture.bounds.burst = Int.random(in: 1...200, using: &random)
        fixture.bounds.rate = Int.random(in: 1...50, using: &random)
        fixture.bounds.heldBytes = Int.random(in: 500...5000, using: &random)
        fixture.bounds.size = Int.random(in: 20_000...400_000, using: &random)
        var log = try fixture.log()
        let count = 600
        for _ in 0..<count {
            let path = "/p/\(Int.random(in: 0..<8, using: &random))"
            try log.append(AuditFixture.denial(path), at: fixture.now)
            fixture.time += Int64.random(in: 0...second / 10, using: &random)
            if let deadline = log.nextDeadline, deadline <= fixture.time { try log.flush(at: fixture.now) }
        }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let records = try fixture.records()
        #expect(records.addsUp)
        let totals = log.totals
        #expect(totals[.fileDenied].acts == count)
        #expect(records.last?["unmapped", "mews", "totals", "file.denied", "acts"]?.number == count)
    }

    @Test("a flood of different ones is bounded, and a gap every five seconds tells the rest")
    func flood() throws {
        let fixture = try AuditFixture()
        fixture.bounds.burst = 100
        fixture.bounds.rate = 10
        var log = try fixture.log()
        for index in 0..<10_000 {
            try log.append(AuditFixture.denial("/\(index)"), at: fixture.now)
            // Ten seconds in all.
            fixture.time += second / 1000
            if let deadline = log.nextDeadline, deadline <= fixture.time { try log.flush(at: fixture.now) }
        }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let records = try fixture.records()
        #expect((195...201).contains(records.of("file.denied").count))
        #expect((2...3).contains(records.of("audit.gap").count))
        #expect(records.of("audit.gap").allSatisfy { $0["unmapped", "mews", "reason"]?.text == "rate" })
        #expect(records.addsUp)
        let totals = log.totals
        #expect(totals[.fileDenied].acts == 10_000)
    }

    @Test("a log that is large enough counts programs, but has the end of the session's own command")
    func programs() throws {
        let fixture = try AuditFixture()
        fixture.bounds.size = 50_000
        var log = try fixture.log()
        var start = CommandExecution(
            process: 2, hostProcess: nil, program: [0x2f], arguments: [], workingDirectory: [0x2f])
        var end = CommandExit(
            process: 2, hostProcess: nil, program: [0x2f], outcome: .status(0), milliseconds: 1,
            peakMemory: nil)
        try log.append(.commandExec(start), at: fixture.now)
        start.parent = AuditedParent(process: 2, name: [])
        let ownEnd = end
        end.parent = start.parent
        for _ in 0..<1000 {
            try log.append(.commandExec(start), at: fixture.now)
            try log.append(.commandExit(end), at: fixture.now)
        }
        try log.append(.commandExit(ownEnd), at: fixture.now)
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let records = try fixture.records()
        #expect(try fixture.bytes().count < 60_000)
        #expect(records.addsUp)
        let gap = records.of("audit.gap").first?["unmapped", "mews"]
        #expect(gap?["reason"]?.text == "size")
        #expect((900..<1000).contains(gap?["lost", "command.exec"]?.number ?? 0))
        #expect(records.of("command.exit").last?["process", "parent_process"] == nil)
    }

    @Test("ends of programs that nobody watched are counted")
    func unwatched() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        for _ in 0..<3 { try log.appendUnwatched(.commandExit, at: fixture.now) }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let records = try fixture.records()
        #expect(records.addsUp)
        let gap = records.of("audit.gap").first?["unmapped", "mews"]
        #expect(gap?["reason"]?.text == "processes")
        #expect(gap?["lost", "command.exit"]?.number == 3)
    }

    @Test("a log that is large enough gets no more denials, but its end")
    func size() throws {
        let fixture = try AuditFixture()
        fixture.bounds.size = 50_000
        var log = try fixture.log()
        for index in 0..<1000 { try log.append(AuditFixture.denial("/\(index)"), at: fixture.now) }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        #expect(try fixture.bytes().count < 60_000)
        #expect(try fixture.records().addsUp)
        #expect(try fixture.records().of("audit.gap").first?["unmapped", "mews", "reason"]?.text == "size")
    }
}
