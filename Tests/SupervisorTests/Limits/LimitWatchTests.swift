import Audit
import Profile
import Testing

@testable import Linux
@testable import Supervisor

@Suite("Limits that are reached are seen, once")
struct LimitWatchTests {
    private static let origin = Origin(authority: .user, source: "p.yaml", line: 5, column: 23)

    private func limit(_ value: UInt64) -> Sourced<UInt64> { Sourced(value, Self.origin) }

    @Test("as many processes as are allowed are a record, with the line; one fewer isn't")
    func processes() throws {
        let directory = try Files.open(CString("/proc"), [.read, .directory, .closeOnExec])
        // Of the machine that the test runs on, which has some.
        var few = LimitWatch(Limits(processes: limit(1)), temporarySize: limit(1))
        few.start(at: 0)
        let found = few.look(processes: directory.number, scratch: -1, at: 1_000_000_000)
        let excess = try #require(found.first)
        #expect(found.count == 1)
        #expect(excess.name == "processes" && excess.threshold == 1 && excess.unit == .count)
        #expect(try #require(excess.value) >= 1)
        #expect(excess.rule?.origin == "p.yaml:5:23" && excess.message.contains("p.yaml:5:23"))
        #expect(few.look(processes: directory.number, scratch: -1, at: 2_000_000_000).isEmpty)

        var many = LimitWatch(Limits(processes: limit(1 << 40)), temporarySize: limit(1))
        many.start(at: 0)
        #expect(many.look(processes: directory.number, scratch: -1, at: 1_000_000_000).isEmpty)
    }

    @Test("a file system is full when it has no block or no file left")
    func storage() {
        let blocks = LimitWatch.excess(
            limit(4096), StorageUse(bytes: 8192, freeBytes: 0, files: 9, freeFiles: 3))
        #expect(blocks.unit == .bytes && blocks.threshold == 4096 && blocks.value == 8192)
        let files = LimitWatch.excess(
            limit(4096), StorageUse(bytes: 8192, freeBytes: 1, files: 9, freeFiles: 0))
        #expect(files.unit == .count && files.threshold == 9 && files.value == 9)
    }

    @Test("it isn't looked before the command runs, nor again at once, and once more at the end")
    func times() throws {
        let directory = try Files.open(CString("/proc"), [.read, .directory, .closeOnExec])
        var watch = LimitWatch(Limits(openFiles: limit(1 << 40)), temporarySize: limit(1))
        #expect(watch.nextDeadline == nil)
        watch.start(at: 5_000_000_000)
        let first = try #require(watch.nextDeadline)
        _ = watch.look(processes: directory.number, scratch: -1, at: first)
        let second = try #require(watch.nextDeadline)
        #expect(second > first)
        _ = watch.look(processes: directory.number, scratch: -1, at: first + 1)
        #expect(watch.nextDeadline == second)
        _ = watch.look(processes: directory.number, scratch: -1, at: first + 2, isLast: true)
        #expect(watch.nextDeadline == nil)
    }
}
