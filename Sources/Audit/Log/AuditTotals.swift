/// What a session did, counted exactly.
public struct AuditTotals: Sendable {
    /// The counts of one event code.
    public struct Count: Hashable, Sendable {
        /// How often it happened.
        public var acts = 0
        /// How often without a record that stands for it.
        public var lost = 0
        /// How many records it has.
        public var records = 0
    }

    private var counts = [Count](repeating: Count(), count: EventCode.allCases.count)

    /// Nothing yet.
    public init() {}

    /// The counts of a code.
    public internal(set) subscript(code: EventCode) -> Count {
        get { counts[Int(code.rawValue)] }
        set { counts[Int(code.rawValue)] = newValue }
    }

    /// How often something was denied.
    public var denials: Int {
        self[.fileDenied].acts + self[.socketDenied].acts + self[.syscallDenied].acts
            + self[.networkDenied].acts + self[.dnsDenied].acts
    }

    /// How often something happened that no record stands for.
    public var lost: Int { counts.reduce(0) { $0 + $1.lost } }

    /// How many records there are.
    public var records: Int { counts.reduce(0) { $0 + $1.records } }
}
