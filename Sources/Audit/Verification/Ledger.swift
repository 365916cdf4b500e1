/// What the ledger of sessions says.
public struct Ledger: Sendable {
    /// One session's entries.
    public struct Session: Sendable {
        /// The session's number.
        public let number: Int64
        /// The hash of the log's first record.
        let start: String
        /// Where the log is, when it isn't beside the ledger.
        public let log: [UInt8]?
        /// What was entered at the end.
        var close: Close?
    }

    /// The end of a session.
    struct Close: Sendable {
        let records: Int
        let last: String
        let lost: Int64
    }

    /// The sessions by name.
    public internal(set) var sessions: [String: Session] = [:]
    /// The sound entries, from the first on.
    public internal(set) var entries = 0
    /// Bytes behind the last newline; the next writer cuts them off.
    public internal(set) var torn = 0
    /// What is wrong with it, at most one: nothing behind it is read.
    public internal(set) var findings: [Finding] = []

    /// Whether nothing in it has been changed, as far as it alone can tell.
    public var isSound: Bool { findings.isEmpty }
}
