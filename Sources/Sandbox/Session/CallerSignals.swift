public import Linux

/// What the supervisor changed for itself and the command gets back as the caller of Mews had it.
public struct CallerSignals: Sendable {
    /// The signals that were held back.
    public let mask: Signals.Mask
    /// Whether SIGPIPE was ignored.
    public let ignoresPipe: Bool

    /// Joins the parts.
    public init(mask: Signals.Mask, ignoresPipe: Bool) {
        self.mask = mask
        self.ignoresPipe = ignoresPipe
    }
}
