public import Profile

/// A line of the policy that has nothing to act on, and why: shown, never silent.
public struct SkippedRule: Sendable {
    /// The path as written.
    public let written: String
    /// The line.
    public let origin: Origin
    /// Why, as a clause.
    public let reason: String
}
