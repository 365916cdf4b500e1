/// Turns a policy into a program: our own prefix, libseccomp's balanced tree from numbers to actions, and a
/// block for each argument check that the tree jumps to.
///
/// The checks aren't libseccomp's, because an allowlist there can't say "this call, except with these
/// values": a rule without arguments swallows those with.
struct FilterCompiler {
    private let policy: SyscallPolicy
    private let architecture: SyscallArchitecture
    private let isNotifying: Bool

    /// For libseccomp, the architecture must be the one that this runs on. A notifying program needs a listener.
    init(policy: SyscallPolicy, architecture: SyscallArchitecture, isNotifying: Bool = false) {
        self.policy = policy
        self.architecture = architecture
        self.isNotifying = isNotifying
    }

    /// What the program has to do with a call: without a listener nobody is told of what is allowed anyway.
    private func decision(of name: String) -> ArgumentDecision {
        let decision = policy.decision(of: name)
        guard isNotifying else { return decision }
        let told = SyscallObservation.of(name).map { decision.allowing(as: $0) } ?? decision
        if case .refuse(let refusal) = told, refusal.isNews { return .tell }
        return told
    }

    /// The whole program.
    func program() throws(SyscallFilterError) -> [FilterInstruction] {
        var checks: [ArgumentDecision] = []
        var marks: [ArgumentDecision: Int] = [:]
        let tree = try SyscallTree(otherwise: FilterAction(.notImplemented))
        for (number, name) in architecture.calls {
            let decision = decision(of: name)
            switch decision {
            case .allow: try tree.add(number, .allow)
            // libseccomp takes no rule that says the same as its default.
            case .refuse(.notImplemented): break
            case .refuse(let refusal): try tree.add(number, FilterAction(refusal))
            // Also a plain notification, which libseccomp adds only where the kernel that builds has it.
            case .tell, .when, .whenNull:
                let mark = marks[decision] ?? checks.count
                if mark == checks.count { checks.append(decision) }
                marks[decision] = mark
                try tree.add(number, FilterAction(mark: mark))
            }
        }
        let body = Self.link(try tree.export(), checks: checks.map(block))
        let program = prefix + body
        guard program.count <= SyscallFilter.maximumLength else { throw .tooLong(program.count) }
        return program
    }

    /// Numbers mean other calls on another architecture, so nothing may be looked up before this: a 64-bit
    /// program reaches the 32-bit table through `int $0x80`. Such a process is killed, which the kernel logs.
    /// x32 has the native token and a bit in the number; as on most kernels, it isn't there.
    private var prefix: [FilterInstruction] {
        let native: [FilterInstruction] = [
            .loadArchitecture,
            .equal(architecture.auditToken, then: 1, otherwise: 0),
            .end(.killProcess),
        ]
        let x32: [FilterInstruction] = [
            .loadNumber,
            .atLeast(0x4000_0000, then: 0, otherwise: 1),
            .end(FilterAction(.notImplemented)),
        ]
        return native + (architecture.hasX32 ? x32 : [])
    }

    /// Puts the blocks behind the tree and replaces each mark by a jump to its block.
    private static func link(
        _ tree: [FilterInstruction], checks: [[FilterInstruction]]
    ) -> [FilterInstruction] {
        var starts: [Int] = []
        var end = tree.count
        for check in checks {
            starts.append(end)
            end += check.count
        }
        let linked = tree.enumerated().map { index, instruction in
            // A jump counts from the instruction after it.
            instruction.returnedMark.map { .jump(starts[$0] - index - 1) } ?? instruction
        }
        return linked + checks.joined()
    }

    /// A decision as instructions without jumps out of them.
    private func block(_ decision: ArgumentDecision) -> [FilterInstruction] {
        switch decision {
        case .allow: return [.end(.allow)]
        case .tell: return [.end(isNotifying ? .notify : .allow)]
        case .refuse(let refusal): return [.end(FilterAction(refusal, notifying: isNotifying))]
        case .when(let argument, let mask, let values, let then, let otherwise):
            let failing = block(otherwise)
            let comparisons = values.enumerated().map { index, value in
                let rest = values.count - 1 - index
                return FilterInstruction.equal(value, then: UInt8(rest + failing.count), otherwise: 0)
            }
            let masking: [FilterInstruction] = mask == .max ? [] : [.and(mask)]
            return [.load(argument: argument)] + masking + comparisons + failing + block(then)
        case .whenNull(let argument, let then, let otherwise):
            let failing = block(otherwise)
            return [
                .load(argument: argument), .equal(0, then: 0, otherwise: 2),
                .load(upperHalfOf: argument), .equal(0, then: UInt8(failing.count), otherwise: 0),
            ] + failing + block(then)
        }
    }
}
