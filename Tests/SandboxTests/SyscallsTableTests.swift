import CLibseccomp
import Glibc
@testable import Sandbox
import Testing

@Suite("The table of rules is complete and its numbers are the kernel's")
struct SyscallsTableTests {
    private static let architectures = [SyscallArchitecture.amd64, .arm64]

    @Test("each name of an architecture has exactly one rule, and each rule is for a known name")
    func complete() {
        let known = Set(Self.architectures.flatMap { $0.calls.map(\.name) })
        for debug in [false, true] {
            let ruled = SyscallRules.table(debug: debug, internetSockets: true).flatMap(\.names)
            #expect(Dictionary(grouping: ruled) { $0 }.filter { $1.count > 1 }.isEmpty)
            #expect(known.subtracting(ruled) == [])
            #expect(Set(ruled).subtracting(known) == [])
        }
    }

    @Test("numbers ascend and names don't repeat")
    func ascending() {
        for architecture in Self.architectures {
            let calls = architecture.calls
            #expect(zip(calls, calls.dropFirst()).allSatisfy { $0.number < $1.number })
            #expect(Set(calls.map(\.name)).count == calls.count)
        }
    }

    @Test("libseccomp knows each name under the same number, as far as it knows it")
    func numbersAgree() {
        for architecture in Self.architectures {
            var compared = 0
            for (number, name) in architecture.calls {
                let library = unsafe seccomp_syscall_resolve_name_arch(architecture.auditToken, name)
                guard library >= 0 else { continue }
                #expect(library == Int32(number), "\(name)")
                compared += 1
            }
            // The oldest supported library knows all up to Linux 5.17 and some more.
            #expect(compared > 300)
        }
    }

    @Test("no call that libseccomp knows is missing from the table")
    func nothingForgotten() {
        for architecture in Self.architectures {
            let numbers = Set(architecture.calls.map(\.number))
            for number in UInt32(0)...470 {
                guard
                    let name = unsafe seccomp_syscall_resolve_num_arch(
                        architecture.auditToken, Int32(number))
                else { continue }
                unsafe #expect(numbers.contains(number), "\(String(cString: name))")
                unsafe free(name)
            }
        }
    }

    @Test("the table of the processor that this runs on is the native one")
    func native() {
        #expect(SyscallArchitecture.native.auditToken == seccomp_arch_native())
    }
}
