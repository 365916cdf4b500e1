/// The line that a denial comes from.
public struct AuditedRule: Hashable, Sendable {
    /// The rule as it stands in its file.
    public var text: String
    /// `FILE:LINE:COLUMN`, or words such as `built-in floor`.
    public var origin: String

    /// Joins the two.
    public init(text: String, origin: String) {
        self.text = text
        self.origin = origin
    }

    /// For what is denied because no line names it.
    public static let `default` = AuditedRule(text: "what no rule names is denied", origin: "default")
}
