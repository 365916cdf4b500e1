import Audit
import Foundation
import Linux
import Testing

@Suite("A log that can't be written is noticed, and what is lost is counted")
struct FailureTests {
    /// Runs a child whose files end at some size, where write(2) fails with EFBIG: first short, then not at all.
    private static func limitFiles(to size: UInt64) throws {
        let signalOfLimit: Int32 = 25
        _ = try Signals.setIgnored(signalOfLimit, true)
        try Processes.setLimit(.fileSize, soft: size, hard: .max)
    }

    @Test("a record that doesn't fit stops the session and leaves no torn line; the end is still written")
    func stop() async {
        await #expect(processExitsWith: .success) {
            let fixture = try AuditFixture()
            var log = try fixture.log()
            try FailureTests.limitFiles(to: UInt64(try fixture.bytes().count) + 1500)
            try log.append(AuditFixture.denial("/a"), at: fixture.now)
            do throws(AuditFailure) {
                try log.append(AuditFixture.denial("/b"), at: fixture.now)
                exit(1)
            } catch {
                if error != .unwritable(fixture.path, Errno(27)) { exit(2) }
            }
            if try fixture.records().count != 2 { exit(3) }
            try FailureTests.limitFiles(to: .max)
            try log.finish(SessionEnd(cause: .stopped, status: 123), at: fixture.now)
            let records = try fixture.records()
            if records.count != 4 || !records.addsUp { exit(4) }
            if records[2]["status_code"]?.text != "EFBIG" { exit(5) }
        }
    }

    @Test("with gaps the session goes on, and the gap is told as soon as writing works again")
    func gap() async {
        await #expect(processExitsWith: .success) {
            let fixture = try AuditFixture()
            fixture.onFailure = .gap
            var log = try fixture.log()
            try FailureTests.limitFiles(to: UInt64(try fixture.bytes().count) + 100)
            for index in 0..<50 { try log.append(AuditFixture.denial("/\(index)"), at: fixture.now) }
            if log.totals[.fileDenied].lost != 50 { exit(1) }
            guard let retry = log.nextDeadline else { exit(2) }
            try FailureTests.limitFiles(to: .max)
            fixture.time = retry
            try log.flush(at: fixture.now)
            let gap = try fixture.records().of("audit.gap")
            if gap.count != 1 || gap[0]["count"]?.number != 50 { exit(3) }
            try log.append(AuditFixture.denial("/after"), at: fixture.now)
            try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
            if try !fixture.records().addsUp { exit(4) }
        }
    }

    @Test("with gaps until the end there is no end, and the loss is known to the caller")
    func gapUntilEnd() async {
        await #expect(processExitsWith: .success) {
            let fixture = try AuditFixture()
            fixture.onFailure = .gap
            var log = try fixture.log()
            try FailureTests.limitFiles(to: UInt64(try fixture.bytes().count))
            try log.append(AuditFixture.denial("/a"), at: fixture.now)
            try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
            if log.totals.lost != 2 || log.failure == nil { exit(1) }
            if try fixture.records().count != 1 { exit(2) }
        }
    }

    @Test("removed, replaced or changed by somebody else: noticed at the next look")
    func vanished() throws {
        for change in 0..<3 {
            let fixture = try AuditFixture()
            var log = try fixture.log()
            try log.flush(at: fixture.now)
            let path = fixture.path.description
            switch change {
            case 0: try FileManager.default.removeItem(atPath: path)
            case 1:
                try FileManager.default.removeItem(atPath: path)
                try Data().write(to: URL(fileURLWithPath: path))
            default:
                let handle = try #require(FileHandle(forWritingAtPath: path))
                try handle.seekToEnd()
                try handle.write(contentsOf: Data([0x0a]))
            }
            let expected: AuditFailure = change == 2 ? .changed(fixture.path) : .gone(fixture.path)
            var seen: AuditFailure?
            do throws(AuditFailure) { try log.flush(at: fixture.now) } catch { seen = error }
            #expect(seen == expected)
            seen = nil
            do throws(AuditFailure) {
                try log.append(AuditFixture.denial("/a"), at: fixture.now)
            } catch { seen = error }
            #expect(seen == expected)
        }
    }

    @Test("a log is a new file, and a link isn't followed")
    func new() throws {
        let fixture = try AuditFixture()
        let place = fixture.stateHome.appending("log.jsonl")
        _ = try AuditLog(at: place, of: fixture.owner, AuditSettings())
        #expect(throws: AuditFailure.exists(place)) {
            _ = try AuditLog(at: place, of: fixture.owner, AuditSettings())
        }
        let link = fixture.stateHome.appending("link.jsonl")
        try FileManager.default.createSymbolicLink(
            atPath: link.description, withDestinationPath: fixture.stateHome.appending("other").description)
        #expect(throws: AuditFailure.exists(link)) {
            _ = try AuditLog(at: link, of: fixture.owner, AuditSettings())
        }
    }

    @Test("the directories are the user's alone")
    func directories() throws {
        let fixture = try AuditFixture()
        _ = try fixture.log()
        for place in [fixture.directory, fixture.stateHome.appending("mews")] {
            #expect(try Files.targetStatus(CString(place)).mode & 0o7777 == 0o700)
        }
        #expect(try Files.targetStatus(CString(fixture.path)).mode & 0o7777 == 0o600)
        for (place, mode) in [(fixture.directory, 0o720), (fixture.stateHome.appending("mews"), 0o702)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place.description)
            #expect(throws: AuditFailure.self) {
                _ = try AuditDirectory(stateHome: fixture.stateHome, user: fixture.user)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: place.description)
        }
        #expect(throws: AuditFailure.foreign(fixture.stateHome.appending("mews"), owner: fixture.user)) {
            _ = try AuditDirectory(stateHome: fixture.stateHome, user: fixture.user + 1)
        }
    }

    @Test("a log of one's own choice isn't put where others can replace it")
    func choice() throws {
        let fixture = try AuditFixture()
        let open = fixture.stateHome.appending("open")
        for (mode, isAllowed) in [(0o777, false), (0o1777, true), (0o770, false), (0o755, true)] {
            try FileManager.default.createDirectory(
                atPath: open.description, withIntermediateDirectories: false,
                attributes: [.posixPermissions: mode])
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: open.description)
            let place = open.appending("log")
            var isMade = true
            do throws(AuditFailure) {
                _ = try AuditLog(at: place, of: fixture.owner, AuditSettings())
            } catch { isMade = false }
            #expect(isMade == isAllowed, "mode \(String(mode, radix: 8))")
            try FileManager.default.removeItem(atPath: open.description)
        }
    }
}
