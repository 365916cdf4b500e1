public import Audit

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
    /// Whom the network was asked for.
    public var network = NetworkTally()
    /// The limits that were reached.
    public var limits: [LimitExcess] = []
    /// What was seen of the session.
    public var observed = Observation()

    /// What the file of the session's own /tmp held that was asked for; nil when there was no such file, or more in it.
    public var keptFile: [UInt8]?

    /// What was seen of a session, and what that took.
    public struct Observation: Sendable {
        /// Whether denied reads are seen at all.
        public var reads = false
        /// Whether denied writes and calls are.
        public var writes = false
        /// Whether connections to where nobody listens are.
        public var packets = false
        /// How often the kernel asked for something outside the view.
        public var requests = 0
        /// How often the command's filter told of a call, denied or not.
        public var notifications = 0
    }

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
        /// Why it, or the ledger, isn't all that it should be although the command went on; nil when it is.
        public var trouble: String?

        /// Joins the parts.
        public init(
            path: String, isElsewhere: Bool, records: Int, hash: String, lost: Int, trouble: String? = nil
        ) {
            self.path = path
            self.isElsewhere = isElsewhere
            self.records = records
            self.hash = hash
            self.lost = lost
            self.trouble = trouble
        }
    }

    /// Of a session of which only the end is known.
    public init(ended: Ended, status: Int32) {
        self.ended = ended
        self.status = status
    }
}
