internal import Sandbox

/// What is known of system calls, by their numbers.
struct CallTable: Sendable {
    /// What a call does to the process that makes it.
    enum Change: Hashable, Sendable {
        /// It takes on another program, whose arguments the pointer in this register leads to.
        case execution(arguments: Int)
        /// It ends.
        case end
    }

    private let names: [UInt32: String]
    private let shapes: [UInt32: CallShape]
    private let changes: [UInt32: Change]

    init() {
        names = SyscallNames.byNumber
        shapes = names.compactMapValues { CallShape($0) }
        changes = names.compactMapValues { name in
            switch name {
            case "execve": .execution(arguments: 1)
            case "execveat": .execution(arguments: 2)
            case "exit_group": .end
            default: nil
            }
        }
    }

    /// The kernel's name of a call; empty for an unknown one.
    func name(of number: UInt32) -> String { names[number] ?? "" }

    /// Which paths a call names; nil for one that names none.
    func shape(of number: UInt32) -> CallShape? { shapes[number] }

    /// What a call does to its process; nil for one that leaves it as it is.
    func change(by number: UInt32) -> Change? { changes[number] }
}
