/// Turns a policy into a program: our own prefix, libseccomp's balanced tree from numbers to actions, and a
/// block for each argument check that the tree jumps to.
///
/// The checks aren't libseccomp's, because an allowlist there can't say "this call, except with these
/// values": a rule without arguments swallows those with.
struct FilterCompiler {
    private let policy: SyscallPolicy
    private let architecture: SyscallArchitecture

    /// For libseccomp, the architecture must be the one that this runs on.
    init(policy: SyscallPolicy, architecture: SyscallArchitecture) {
        self.policy = policy
        self.architecture = architecture
    }

    /// The whole program.
    func program() throws(SyscallFilterError) -> [FilterInstruction] {
        var checks: [ArgumentDecision] = []
        var marks: [ArgumentDecision: Int] = [:]
        let tree = try SyscallTree(otherwise: FilterAction(.notImplemented))
        for (number, name) in architecture.calls {
            switch policy.decision(of: name) {
            case .allow: try tree.add(number, .allow)
            // libseccomp takes no rule that says the same as its default.
            case .refuse(.notImplemented): break
            case .refuse(let refusal): try tree.add(number, FilterAction(refusal))
            case .when(_, _, _, _, _):
                let check = policy.decision(of: name)
                let mark = marks[check] ?? checks.count
                if mark == checks.count { checks.append(check) }
                marks[check] = mark
                try tree.add(number, FilterAction(mark: mark))
            }
        }
        let body = Self.link(try tree.export(), checks: checks.map(Self.block))
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
    private static func block(_ decision: ArgumentDecision) -> [FilterInstruction] {
        switch decision {
        case .allow: return [.end(.allow)]
        case .refuse(let refusal): return [.end(FilterAction(refusal))]
        case .when(let argument, let mask, let values, let then, let otherwise):
            let failing = block(otherwise)
            let comparisons = values.enumerated().map { index, value in
                let rest = values.count - 1 - index
                return FilterInstruction.equal(value, then: UInt8(rest + failing.count), otherwise: 0)
            }
            let masking: [FilterInstruction] = mask == .max ? [] : [.and(mask)]
            return [.load(argument: argument)] + masking + comparisons + failing + block(then)
        }
    }
}
