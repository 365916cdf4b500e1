internal import Network

/// What one turn of serving names has told so far.
struct NameTurn {
    let now: Int64
    let decision: NetworkDecision
    private var nextNumber: UInt64
    private(set) var events: [NetworkEvent] = []

    init(now: Int64, nextNumber: UInt64, decision: NetworkDecision) {
        self.now = now
        self.nextNumber = nextNumber
        self.decision = decision
    }

    /// Tells an event and gives it the next number.
    mutating func tell(_ event: NetworkEvent) -> UInt64 {
        defer { nextNumber += 1 }
        events.append(event)
        return nextNumber
    }
}
