extension SyscallFilter {
    /// The calls by which a process takes on another program, and by which it ends (execve(2), exit_group(2)).
    private static let ofPrograms: Set = ["execve", "execveat", "exit_group"]

    /// A notifying program that also tells of every program that is run and of its end.
    ///
    /// A few instructions before the others, instead of a program of its own for each set of lists: jumps are
    /// relative and go forward, so what stands behind means the same. A call that is told here and that the lists
    /// refuse is refused by whoever listens, as all others are.
    ///
    /// - Parameter instructions: a program that needs a listener.
    /// - Returns: that program.
    /// - Throws: when it gets too long.
    public static func tellingOfPrograms(
        _ instructions: [UInt64]
    ) throws(SyscallFilterError) -> [UInt64] {
        let architecture = SyscallArchitecture.native
        let numbers = architecture.calls.filter { ofPrograms.contains($0.name) }.map(\.number)
        let comparisons = numbers.enumerated().map { index, number in
            let isLast = index == numbers.count - 1
            return FilterInstruction.equal(
                number, then: UInt8(numbers.count - 1 - index), otherwise: isLast ? 1 : 0)
        }
        let before: [FilterInstruction] =
            [
                .loadArchitecture,
                // Numbers mean other calls on another architecture, which the rest of the program sees to.
                .equal(architecture.auditToken, then: 0, otherwise: UInt8(comparisons.count + 2)),
                .loadNumber,
            ] + comparisons + [.end(.notify)]
        let program = before.map(\.packed) + instructions
        guard program.count <= maximumLength else { throw .tooLong(program.count) }
        return program
    }
}
