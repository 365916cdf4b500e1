internal import Network

/// What connections moved, added up.
public struct NetworkTraffic: Hashable, Sendable {
    /// Connections that were let through.
    public internal(set) var connections = 0
    /// Bytes from programs inside.
    public internal(set) var sent: UInt64 = 0
    /// Bytes to them.
    public internal(set) var received: UInt64 = 0
    /// How long the longest one took, in milliseconds.
    var milliseconds: UInt64 = 0

    init(sent: UInt64 = 0, received: UInt64 = 0, milliseconds: UInt64 = 0) {
        self.sent = sent
        self.received = received
        self.milliseconds = milliseconds
    }

    /// What one moved.
    init(of event: NetworkEvent) {
        self.init(sent: event.sent, received: event.received, milliseconds: event.milliseconds)
    }

    /// Adds one; what is past counting stays there.
    mutating func add(_ other: NetworkTraffic) {
        sent = Self.sum(sent, other.sent)
        received = Self.sum(received, other.received)
        milliseconds = max(milliseconds, other.milliseconds)
    }

    private static func sum(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = one.addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
