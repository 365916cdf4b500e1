/// What Mews does with some system calls, and whether a profile may change it.
struct SyscallRule: Sendable {
    /// Whether `process.syscalls.allow` may lift the rule.
    enum Lifting: Hashable, Sendable {
        /// The user may: what it gives stays inside the sandbox's other walls.
        case possible
        /// Nobody may; the reason completes "`NAME` can't be allowed: ".
        case never(String)
    }

    /// The calls, by the kernel's names, on any architecture that has them.
    let names: [String]
    /// What becomes of them.
    let decision: ArgumentDecision
    /// Whether a profile may allow them all the same.
    let lifting: Lifting

    /// Makes a rule of names separated by white space.
    init(_ decision: ArgumentDecision, lifting: Lifting = .possible, _ names: String) {
        self.names = names.split(whereSeparator: \.isWhitespace).map(String.init)
        self.decision = decision
        self.lifting = lifting
    }
}
