/// A limit of the profile was reached (`limit.exceeded`).
public struct LimitExcess: Sendable {
    /// What a limit counts.
    public enum Unit: String, Sendable {
        /// Milliseconds.
        case milliseconds = "ms"
        /// Bytes.
        case bytes
        /// Things.
        case count
    }

    /// The key in the profile, such as `time`.
    public var name: String
    /// The limit.
    public var threshold: Int
    /// What it counts.
    public var unit: Unit
    /// What was reached, when it was measured.
    public var value: Int?
    /// One sentence for people.
    public var message: String
    /// The line that sets the limit; nil when it isn't a line's.
    public var rule: AuditedRule?

    /// Joins the parts.
    public init(name: String, threshold: Int, unit: Unit, value: Int?, message: String) {
        self.name = name
        self.threshold = threshold
        self.unit = unit
        self.value = value
        self.message = message
    }
}
