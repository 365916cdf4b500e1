/// What is said of a session when it is over.
public struct SessionSummary: Sendable {
    /// What ended it, in the contract's words.
    public enum Ended: String, Sendable {
        /// The command, by itself; also when it couldn't be executed.
        case exit
        /// A signal ended the command.
        case signal
        /// The time limit.
        case timeout
        /// Mews stopped a command that had started.
        case stopped
        /// Nothing was started.
        case refused
    }

    /// What ended it.
    public var ended: Ended
    /// The exit status of Mews.
    public var status: Int32
    /// The signal that ended the command, where one did.
    public var signal: Int32?
    /// Why, in words, where nothing was started or Mews stopped it.
    public var detail: String?
    /// From the start of the command, in milliseconds; 0 when there was none.
    public var duration: Int64 = 0
    /// The session's name.
    public var session: String?
    /// The level that held; nil when nothing was started.
    public var level: String?
    /// The names of the profiles, and SHA-256 of the effective policy in hexadecimal; nil when there was none.
    public var policy: (name: String, digest: String)?
    /// The log; nil when none was begun.
    public var log: Log?
    /// What was denied.
    public var denied = DenialTally()
    /// Whether denied reads and denied writes are seen at all.
    public var observed: (reads: Bool, writes: Bool) = (false, false)

    /// The log of the session.
    public struct Log: Sendable {
        /// Where it is.
        public var path: String
        /// Whether the user named the place.
        public var isElsewhere: Bool
        /// How many records it has.
        public var records: Int
        /// The hash of the last one: kept elsewhere, it shows whether the log was changed afterwards.
        public var hash: String
        /// How many acts have no record of their own because records got lost.
        public var lost: Int

        /// Joins the parts.
        public init(path: String, isElsewhere: Bool, records: Int, hash: String, lost: Int) {
            self.path = path
            self.isElsewhere = isElsewhere
            self.records = records
            self.hash = hash
            self.lost = lost
        }
    }

    /// Of a session of which only the end is known.
    public init(ended: Ended, status: Int32) {
        self.ended = ended
        self.status = status
    }
}
