internal import Sandbox

/// What is known of system calls, by their numbers.
struct CallTable: Sendable {
    private let names: [UInt32: String]
    private let shapes: [UInt32: CallShape]

    init() {
        names = SyscallNames.byNumber
        shapes = names.compactMapValues { CallShape($0) }
    }

    /// The kernel's name of a call; empty for an unknown one.
    func name(of number: UInt32) -> String { names[number] ?? "" }

    /// Which paths a call names; nil for one that names none.
    func shape(of number: UInt32) -> CallShape? { shapes[number] }
}
