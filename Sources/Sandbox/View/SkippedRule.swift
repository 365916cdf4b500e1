public import Profile

/// A line of the policy that has nothing to act on, and why: shown, never silent.
public struct SkippedRule: Sendable {
    /// The path as written.
    public let written: String
    /// The line.
    public let origin: Origin
    /// Why, as a clause.
    public let reason: String
    /// Whether it is nothing that happens on most hosts, so that it is told at each launch.
    public let isNews: Bool

    init(written: String, origin: Origin, reason: String, isNews: Bool = false) {
        self.written = written
        self.origin = origin
        self.reason = reason
        self.isNews = isNews
    }
}
