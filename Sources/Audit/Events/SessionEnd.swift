/// How a session ends (`session.end`).
public struct SessionEnd: Sendable {
    /// By what, in the words of the summary.
    public enum Cause: String, Sendable {
        /// The command ended by itself.
        case exit
        /// A signal ended the command.
        case signal
        /// The time limit.
        case timeout
        /// Mews stopped a command that had started.
        case stopped
        /// The command didn't start.
        case refused
    }

    /// By what.
    public var cause: Cause
    /// The exit status of Mews.
    public var status: Int32
    /// The signal that ended the command, if one did.
    public var signal: Int32?
    /// Why, in words, when Mews ended it.
    public var detail: String?
    /// How many looks without a record were counted; nil when they aren't.
    public var allowedProbes: Int?

    /// Joins what is always known.
    public init(cause: Cause, status: Int32, signal: Int32? = nil, detail: String? = nil) {
        self.cause = cause
        self.status = status
        self.signal = signal
        self.detail = detail
    }
}
