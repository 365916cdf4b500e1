import Testing

@testable import Sandbox

@Suite("What no namespace holds, the filter does")
struct SyscallsSurroundingsTests {
    private func filter(
        _ surroundings: SyscallSurroundings, isNotifying: Bool = false
    ) throws -> FilterInterpreter {
        FilterInterpreter(
            try SyscallFilter.make(
                allow: [], deny: [], debug: false, isNotifying: isNotifying, surroundings: surroundings))
    }

    @Test(
        "No socket reaches the host, and no pair can be turned to one", arguments: [1, 2, 10, 16] as [UInt64])
    func sockets(family: UInt64) throws {
        let filter = try filter(.landlock(version: 7))
        #expect(try filter("socket", family, 1, 0) == .errno(13))
        #expect(try filter("socket", family | 1 << 32, 2, 0) == .errno(13))
        #expect(try filter("socket", 38, 5, 0) == .errno(97))
        #expect(try filter("socketpair", 1, 1 | 0o2000000, 0) == .allowed)
        #expect(try filter("socketpair", 1, 5, 0) == .allowed)
        #expect(try filter("socketpair", 1, 2, 0) == .errno(13))
        #expect(try filter("socketpair", 2, 1, 0) == .errno(97))
    }

    @Test(
        "Memory and queues that the host shares are refused",
        arguments: ["shmget", "shmat", "msgget", "semget", "semop", "mq_open", "mq_unlink"])
    func interprocess(name: String) throws {
        #expect(try filter(.landlock(version: 7))(name, 0, 0, 0) == .errno(1))
        #expect(try filter(.namespaces)(name, 0, 0, 0) == .allowed)
    }

    @Test("Limits are one's own, and truncation is refused where Landlock doesn't know it")
    func others() throws {
        let filter = try filter(.landlock(version: 7))
        #expect(try filter("prlimit64", 0, 7) == .allowed)
        #expect(try filter("prlimit64", 1, 7) == .errno(1))
        #expect(try filter("truncate", 0, 0) == .allowed)
        #expect(try self.filter(.landlock(version: 2))("truncate", 0, 0) == .errno(1))
    }

    @Test("The mark is answered by the filter itself, with a listener or without, and by no other")
    func mark() throws {
        let mark = UInt64(SyscallRules.mark)
        #expect(try filter(.landlock(version: 7))("prctl", mark, 0) == .errno(120))
        #expect(try filter(.landlock(version: 7), isNotifying: true)("prctl", mark, 0) == .errno(120))
        #expect(try filter(.landlock(version: 7))("prctl", 35, 0) == .errno(1))
        #expect(try filter(.landlock(version: 7))("prctl", 38, 1) == .allowed)
        #expect(try filter(.namespaces)("prctl", mark, 0) == .allowed)
        #expect(!Inside.hasMark())
    }

    @Test("Within a sandbox only what is to be narrowed is")
    func nested() throws {
        #expect(try filter(.nested(internet: true, sockets: true))("socket", 2, 1, 0) == .allowed)
        let offline = try filter(.nested(internet: false, sockets: true))
        #expect(try offline("socket", 2, 1, 0) == .errno(13))
        #expect(try offline("socket", 1, 1, 0) == .allowed)
        let alone = try filter(.nested(internet: true, sockets: false))
        #expect(try alone("socket", 2, 1, 0) == .allowed)
        #expect(try alone("socket", 1, 1, 0) == .errno(13))
        #expect(try alone("socketpair", 1, 2, 0) == .errno(13))
        #expect(try alone("shmget", 0, 0, 0) == .allowed)
    }
}
