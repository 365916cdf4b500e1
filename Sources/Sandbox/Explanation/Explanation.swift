public import Linux
internal import Profile

/// Whether something may be done with a path, which line decides, and what would allow it.
///
/// The verdict is that of the mounts, because they are what the kernel holds; the lines are the reason. The
/// permissions of the file itself aren't looked at.
public struct Explanation: Hashable, Sendable {
    /// The answers.
    public enum Verdict: String, Hashable, Sendable {
        /// The sandbox doesn't stand in the way.
        case allowed
        /// The sandbox refuses it.
        case denied
    }

    /// The answer.
    public let verdict: Verdict
    /// The line that decides; nil when no line names the path.
    public let rule: DecidingRule?
    /// One sentence.
    public let reason: String
    /// The smallest line of a profile that would allow it; nil when it is allowed, when it may never be,
    /// and when a line has to go instead.
    public let fix: String?

    /// Explains a use of a path.
    ///
    /// - Parameters:
    ///   - use: what is done.
    ///   - path: with what, in the view and without links.
    ///   - second: the other name, for a rename or a link.
    ///   - context: the session's.
    public init(
        of use: FileUse, at path: AbsolutePath, second: AbsolutePath? = nil, in context: ExplanationContext
    ) {
        let question = Question(use: use, path: path, context: context)
        let first = question.answer()
        guard let second, first.verdict == .allowed else {
            self = first
            return
        }
        let other = Question(use: use, path: second, context: context).answer()
        guard other.verdict == .allowed else {
            self = other
            return
        }
        self = question.isOneMount(with: second) ? first : Self.acrossMounts(path, second, first.rule)
    }

    init(_ verdict: Verdict, _ rule: DecidingRule?, _ reason: String, fix: String? = nil) {
        self.verdict = verdict
        self.rule = rule
        self.reason = reason
        self.fix = fix
    }

    private static func acrossMounts(
        _ path: AbsolutePath, _ second: AbsolutePath, _ rule: DecidingRule?
    ) -> Explanation {
        Explanation(
            .denied, rule,
            "\(path) and \(second) lie in two mounts, and the kernel moves and links only within one (EXDEV): "
                + "copy instead.")
    }
}
