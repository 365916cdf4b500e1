/// What a policy answers for one path, and by which line.
public struct Decision: Sendable, Hashable {
    /// The answers, which a plan makes true with mounts.
    public enum Verdict: Sendable, Hashable {
        /// Nothing grants it, or it is masked by the built-in floor: not in the view.
        case none
        /// Readable and executable.
        case read
        /// Also writable.
        case write
        /// Masked by `deny` or because it is reserved.
        case denied
        /// Readable as granted, and not writable because of `protect`.
        case protected
    }

    /// The answer.
    public let verdict: Verdict
    /// The line that decided; nil when no line names the path or a directory above it.
    public let origin: Origin?

    /// Joins the parts.
    public init(_ verdict: Verdict, _ origin: Origin?) {
        self.verdict = verdict
        self.origin = origin
    }
}
