/// What the policy was made from and what was left out (`policy.loaded`).
public struct PolicyLoading: Sendable {
    /// The policy.
    public var policy: AuditedPolicy
    /// Sentences on what was skipped or narrowed.
    public var notes: [String]

    /// Joins the two.
    public init(policy: AuditedPolicy, notes: [String]) {
        self.policy = policy
        self.notes = notes
    }
}
