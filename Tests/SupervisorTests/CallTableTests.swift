import Testing

@testable import Sandbox
@testable import Supervisor

@Suite("What is known of system calls")
struct CallTableTests {
    @Test("Each call of the processor is known by its number, again and again")
    func eachCallIsKnown() {
        var table = CallTable()
        for _ in 0..<2 {
            for (number, name) in SyscallArchitecture.native.calls {
                #expect(table.call(number).name == name)
                #expect(table.call(number).shape == CallShape(name))
            }
        }
    }

    @Test("A number that no call has is nameless, whatever was asked before")
    func othersAreNameless() throws {
        var table = CallTable()
        let last = try #require(SyscallArchitecture.native.calls.last?.number)
        for number in [last + 1, 0x4000_0000, .max, last + 1] {
            let call = table.call(number)
            #expect(call.name.isEmpty)
            #expect(call.shape == nil)
            #expect(call.change == nil)
        }
    }

    @Test("What begins and ends programs is known to do so")
    func changesAreKnown() throws {
        var table = CallTable()
        let numbers = Dictionary(
            uniqueKeysWithValues: SyscallArchitecture.native.calls.map { ($0.name, $0.number) })
        #expect(table.call(try #require(numbers["execve"])).change == .execution(arguments: 1))
        #expect(table.call(try #require(numbers["execveat"])).change == .execution(arguments: 2))
        #expect(table.call(try #require(numbers["exit_group"])).change == .end)
        #expect(table.call(try #require(numbers["openat"])).change == nil)
    }
}
