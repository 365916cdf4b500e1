import Audit
import Linux
import Testing

@Suite("What the writer writes, the verifier takes")
struct WrittenLogTests {
    private func verdict(_ fixture: AuditFixture, _ checkpoints: [Checkpoint] = [], dropping: Int = 0) throws
        -> Verdict
    {
        var verifier = LogVerifier(session: "\(fixture.session)", ledger: nil, checkpoints: checkpoints)
        verifier.append(try fixture.bytes().dropLast(dropping))
        return Verdict(
            session: "\(fixture.session)", report: verifier.finished(), ledger: nil, isBesideLedger: false)
    }

    @Test("as it grows, and when it is closed")
    func growing() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        for number in 0..<20 {
            try log.append(AuditFixture.denial("/x/\(number % 3)\u{202e}\u{1b}é"), at: fixture.now)
            #expect(try verdict(fixture).state == .unclosed)
            fixture.time += 1_000_000_000
        }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let closed = try verdict(fixture)
        #expect(closed.state == .unanchored && closed.findings.isEmpty)
        #expect(closed.report?.records == log.records)
        let checkpoint = try #require(closed.checkpoint)
        #expect(checkpoint.hash == String(decoding: log.lastHash, as: UTF8.self))
        #expect(try verdict(fixture, [checkpoint]).state == .ok)
        #expect(try verdict(fixture, [checkpoint], dropping: 1).state == .truncated)
    }

    @Test("also where a flood was counted only")
    func flood() throws {
        let fixture = try AuditFixture()
        fixture.bounds.burst = 10
        var log = try fixture.log()
        for number in 0..<500 { try log.append(AuditFixture.denial("/x/\(number)"), at: fixture.now) }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        #expect(try verdict(fixture).state == .gaps)
    }
}
