/// What a log turned out to be; of several states that hold the first one in this order is the answer.
public enum LogState: String, CaseIterable, Comparable, Sendable {
    /// Changed, or not written by Mews.
    case tampered = "TAMPERED"
    /// Sound in itself, but not the history that somebody holds a hash of.
    case forked = "FORKED"
    /// Signed by a key that isn't trusted. Never the answer in version 1, which has no signatures.
    case untrustedKey = "UNTRUSTED-KEY"
    /// A session of which there is no log, or a log that the ledger doesn't know.
    case missing = "MISSING"
    /// Sound as far as it goes, but it went further once.
    case truncated = "TRUNCATED"
    /// Sound, without an end: killed, or still running.
    case unclosed = "UNCLOSED"
    /// Sound and closed, and it says itself that acts have no record.
    case gaps = "GAPS"
    /// Sound and closed, but nothing held elsewhere says that this is all of it.
    case unanchored = "UNANCHORED"
    /// Sound, closed, and a checkpoint of its last record agrees.
    case ok = "OK"

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Whether it is the answer where both hold.
    public static func < (left: LogState, right: LogState) -> Bool { left.rank < right.rank }

    /// The exit status of `mews audit verify`.
    public var exitStatus: Int32 {
        switch self {
        case .ok, .unanchored: 0
        case .tampered, .forked, .untrustedKey: 1
        case .unclosed: 4
        case .truncated, .missing: 5
        case .gaps: 6
        }
    }
}
