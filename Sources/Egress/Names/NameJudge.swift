internal import Network

/// Whether a program may learn a name's address.
enum NameVerdict: Hashable, Sendable {
    case allowed
    case denied(NetworkReason, RuleReference?)
}

/// What decides about names; the policy's rules, or a test.
protocol NameJudge {
    func verdict(onName name: DomainName) -> NameVerdict
}
