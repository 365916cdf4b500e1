/// What is known of a system call.
struct KnownCall: Sendable {
    /// What a call does to the process that makes it.
    enum Change: Hashable, Sendable {
        /// It takes on another program, whose arguments the pointer in this register leads to.
        case execution(arguments: Int)
        /// It ends.
        case end
    }

    /// The kernel's name of it; empty for an unknown one.
    let name: String
    /// Which paths it names; nil for one that names none.
    let shape: CallShape?
    /// What it does to its process; nil for one that leaves it as it is.
    let change: Change?

    /// A call by its name.
    init(name: String) {
        self.name = name
        shape = CallShape(name)
        change =
            switch name {
            case "execve": .execution(arguments: 1)
            case "execveat": .execution(arguments: 2)
            case "exit_group": .end
            default: nil
            }
    }
}
