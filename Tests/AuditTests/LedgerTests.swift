import Audit
import Foundation
import Linux
import Testing

@Suite("The ledger knows every session, in one order")
struct LedgerTests {
    private static let start = [UInt8](repeating: UInt8(ascii: "a"), count: 64)

    private static func ledger(
        _ fixture: AuditFixture, durability: AuditSettings.Durability = .process
    ) throws -> SessionLedger {
        var random = SystemRandomNumberGenerator()
        return SessionLedger(
            in: try AuditDirectory(stateHome: fixture.stateHome, user: fixture.user),
            for: SessionIdentifier(milliseconds: 1, using: &random), durability: durability)
    }

    private static func open(_ ledger: inout SessionLedger, log: AbsolutePath? = nil) throws {
        try ledger.open(start: start, log: log, at: 5, clock: Clock.monotonic)
    }

    private static func close(_ ledger: borrowing SessionLedger) throws {
        try ledger.close(.exit, records: 4, last: start, lost: 0, at: 6, clock: Clock.monotonic)
    }

    private func path(_ fixture: AuditFixture) -> URL {
        URL(fileURLWithPath: fixture.directory.appending("ledger.jsonl").description)
    }

    @Test("an entry at the beginning, one at the end, numbers without holes")
    func entries() throws {
        let fixture = try AuditFixture()
        var first = try Self.ledger(fixture)
        var second = try Self.ledger(fixture, durability: .power)
        try Self.open(&first)
        try Self.open(&second, log: AbsolutePath([0x2f, 0xff]))
        try Self.close(first)
        var third = try Self.ledger(fixture)
        try Self.open(&third)
        try Self.close(second)
        let entries = try fixture.entries()
        #expect(entries.map { $0["number"]?.number } == [1, 2, 1, 3, 2])
        #expect(entries.map { $0["opened"]?.number } == [1, 2, 2, 3, 3])
        #expect(entries.map { $0["entry"]?.text } == ["open", "open", "close", "open", "close"])
        #expect(entries[1]["log_b64"]?.text == "L/8=")
    }

    @Test("a session that never was entered isn't closed")
    func neverOpened() throws {
        let fixture = try AuditFixture()
        try Self.close(try Self.ledger(fixture))
        #expect(!FileManager.default.fileExists(atPath: path(fixture).path))
    }

    @Test("many at once take turns")
    func concurrency() async throws {
        let fixture = try AuditFixture()
        let home = fixture.stateHome
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<12 {
                        var random = SystemRandomNumberGenerator()
                        var ledger = SessionLedger(
                            in: try AuditDirectory(stateHome: home, user: Processes.identity().user),
                            for: SessionIdentifier(milliseconds: 1, using: &random), durability: .process)
                        try Self.open(&ledger)
                        try Self.close(ledger)
                    }
                }
            }
            try await group.waitForAll()
        }
        let entries = try fixture.entries()
        #expect(entries.count == 192)
        let opens = entries.filter { $0["entry"]?.text == "open" }.map { $0["number"]?.number }
        #expect(opens == (1...96).map { $0 })
    }

    @Test("what a power failure left of an entry is cut off, and the next one says so", arguments: [0, 1, 2])
    func torn(sessions: Int) throws {
        let fixture = try AuditFixture()
        for _ in 0..<sessions {
            var ledger = try Self.ledger(fixture)
            try Self.open(&ledger)
        }
        _ = try AuditDirectory(stateHome: fixture.stateHome, user: fixture.user)
        let torn = Data("{\"entry\":\"op".utf8) + Data(count: 7)
        let before = (try? Data(contentsOf: path(fixture))) ?? Data()
        try (before + torn).write(to: path(fixture))
        var ledger = try Self.ledger(fixture)
        try Self.open(&ledger)
        let entries = try fixture.entries()
        #expect(entries.count == sessions + 1)
        #expect(entries.last?["cut"]?.number == torn.count)
        #expect(entries.last?["number"]?.number == sessions + 1)
    }

    @Test("a last entry that doesn't hold together is never continued")
    func damaged() throws {
        let fixture = try AuditFixture()
        var first = try Self.ledger(fixture)
        try Self.open(&first)
        let sound = try Data(contentsOf: path(fixture))
        for place in sound.indices.dropLast() {
            var damaged = sound
            damaged[place] ^= 1
            if damaged[place] == 10 { continue }
            try damaged.write(to: path(fixture))
            #expect(throws: AuditFailure.self, "byte \(place)") {
                var ledger = try Self.ledger(fixture)
                try Self.open(&ledger)
            }
            #expect(try Data(contentsOf: path(fixture)) == damaged)
        }
    }

    @Test("whoever holds the lock for too long is not waited for")
    func busy() throws {
        let fixture = try AuditFixture()
        var first = try Self.ledger(fixture)
        try Self.open(&first)
        let holder = try Files.open(CString(first.path), .readWrite)
        #expect(try Files.tryLock(holder.number))
        // The clock goes a second with each look, so that the test needn't wait.
        var time: Int64 = 0
        let expected = AuditFailure.ledgerBusy(first.path)
        #expect(throws: expected) {
            try first.open(start: Self.start, log: nil, at: 5) {
                time += 1_000_000_000
                return time
            }
        }
    }

    @Test("a ledger that was moved away begins anew; others' and links are refused")
    func others() throws {
        let fixture = try AuditFixture()
        var first = try Self.ledger(fixture)
        try Self.open(&first)
        try FileManager.default.moveItem(atPath: path(fixture).path, toPath: path(fixture).path + ".old")
        var second = try Self.ledger(fixture)
        try Self.open(&second)
        #expect(try fixture.entries().map { $0["number"]?.number } == [1])
        try FileManager.default.setAttributes([.posixPermissions: 0o620], ofItemAtPath: path(fixture).path)
        #expect(throws: AuditFailure.self) { try Self.open(&second) }
        try FileManager.default.removeItem(at: path(fixture))
        try FileManager.default.createSymbolicLink(
            atPath: path(fixture).path, withDestinationPath: path(fixture).path + ".old")
        let place = fixture.directory.appending("ledger.jsonl")
        #expect(throws: AuditFailure.wrongKind(place)) { try Self.open(&second) }
    }
}
