import Testing

@testable import Linux

@Suite("How far another process has come")
struct SharedProgressTests {
    @Test("Who waits is woken, and only then")
    func waking() throws {
        let memory = try SharedProgress.memory(CString("progress"))
        let one = try SharedProgress(memory.number)
        let other = try SharedProgress(memory.number)
        var isWoken = [one.reach(3)]
        let reached = other.reached
        #expect(reached == 3)
        let isThere = other.await(5)
        #expect(!isThere)
        // It goes on being woken until it waits for something else, or for nothing.
        isWoken += [one.reach(4), one.reach(5), one.reach(6)]
        _ = other.await(0)
        isWoken.append(one.reach(7))
        #expect(isWoken == [false, false, true, true, false])
    }

    @Test("What is reached already isn't slept over")
    func reached() throws {
        let memory = try SharedProgress.memory(CString("progress"))
        let one = try SharedProgress(memory.number)
        let other = try SharedProgress(memory.number)
        let isWoken = one.reach(8)
        #expect(!isWoken)
        let isThere = [other.await(8), other.await(2), other.await(9)]
        #expect(isThere == [true, true, false])
    }

    /// Whoever reads behind the end of a file that was made smaller gets SIGBUS.
    @Test("Neither can take the memory away from the other")
    func seals() throws {
        let memory = try SharedProgress.memory(CString("progress"))
        let shared = try SharedProgress(memory.number)
        #expect(throws: Errno.notPermitted) { try Files.truncate(memory.number, to: 0) }
        #expect(throws: Errno.notPermitted) { try Files.truncate(memory.number, to: 1 << 20) }
        _ = shared.reach(1)
        let reached = shared.reached
        #expect(reached == 1)
    }
}
