/// What reading a log by itself gave, and what it says where somebody holds a hash.
public struct LogReport: Sendable {
    /// The session that all of its records name; nil in an empty log.
    public internal(set) var session: String?
    /// The records that are sound, from the first on.
    public internal(set) var records = 0
    /// The hash of the last of them.
    public internal(set) var lastHash: String?
    /// The time of the first and of the last of them, ms since 1970-01-01 UTC.
    public internal(set) var times: ClosedRange<Int64>?
    /// Whether the last of them is session.end.
    public internal(set) var isClosed = false
    /// Bytes behind the last newline.
    public internal(set) var torn = 0
    /// Whether a command was started.
    var hasCommand = false
    /// The number of audit.gap.
    var gaps = 0
    /// Whether a checkpoint agrees with the last record.
    var isAnchored = false
    /// What is wrong with it.
    var findings: [Finding] = []

    /// Whether nothing in it has been changed, as far as it alone can tell.
    var isSound: Bool { findings.allSatisfy { $0.state != .tampered } }
}
