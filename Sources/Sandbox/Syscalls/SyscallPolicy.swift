/// What becomes of each call by name: the table of rules as a profile amends it.
struct SyscallPolicy {
    private struct Entry {
        var decision: ArgumentDecision
        let lifting: SyscallRule.Lifting
    }

    private var entries: [String: Entry] = [:]

    /// The built-in policy with these settings.
    init(debug: Bool, internetSockets: Bool, surroundings: SyscallSurroundings = .namespaces) {
        let table = SyscallRules.table(debug: debug, internetSockets: internetSockets)
        for rule in table + surroundings.overriding(debug: debug) {
            for name in rule.names {
                entries[name] = Entry(decision: rule.decision, lifting: rule.lifting)
            }
        }
    }

    /// What becomes of a call. A name without a rule is absent.
    func decision(of name: String) -> ArgumentDecision {
        entries[name]?.decision ?? .refuse(.notImplemented)
    }

    /// Applies a profile's lists, `deny` last so that it wins, and returns everything wrong with them.
    mutating func amend(allow: [String], deny: [String]) -> [SyscallFilterError] {
        allow.compactMap { self.allow($0) } + deny.compactMap { self.deny($0) }
    }

    private mutating func allow(_ name: String) -> SyscallFilterError? {
        guard let entry = entries[name] else { return unknown(name) }
        switch entry.lifting {
        case .possible:
            entries[name]?.decision = .allow
            return nil
        case .never(let reason):
            return .neverAllowed(name, reason: reason)
        }
    }

    private mutating func deny(_ name: String) -> SyscallFilterError? {
        guard let entry = entries[name] else { return unknown(name) }
        guard !Self.indispensable.contains(name) else { return .indispensable(name) }
        // A refusal keeps its error number: threads start only because clone3 says ENOSYS and not EPERM.
        if case .refuse = entry.decision { return nil }
        entries[name]?.decision = .refuse(.permission)
        return nil
    }

    private func unknown(_ name: String) -> SyscallFilterError {
        .unknownName(name, nearest: NearestName.of(name, among: entries.keys.sorted()))
    }

    /// The loader's own last call, and the ways out of a process and of a signal handler.
    private static let indispensable: Set = ["execve", "exit", "exit_group", "rt_sigreturn"]
}
