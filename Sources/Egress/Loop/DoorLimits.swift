internal import Network

/// What the door grants a sandbox, in numbers and nanoseconds.
struct DoorLimits: Sendable {
    /// Connections at once.
    var connections: Int
    /// New connections in a second, and how many may come at once after a pause.
    var connectionsPerSecond: Int
    var connectionBurst: Int
    /// Until a request's head is whole, and until a ClientHello is.
    var headTime: Int64 = 10_000_000_000
    var helloTime: Int64 = 5_000_000_000
    /// For all addresses of a host together, and for one of them while others are left.
    var connectTime: Int64 = 10_000_000_000
    var attemptTime: Int64 = 3_000_000_000
    /// Without a byte in either direction; after one of the two has ended.
    var idleTime: Int64 = 600_000_000_000
    var halfClosedTime: Int64 = 60_000_000_000
    /// Until a refused program has sent something by which it can be told why.
    var probeTime: Int64 = 1_000_000_000
    /// Until a refused program has read what it was told.
    var lingerTime: Int64 = 2_000_000_000
    /// How long nobody is let in when there are no descriptors left.
    var descriptorPause: Int64 = 50_000_000
    /// Addresses of a host that are tried.
    var attempts = 6
    /// The most bytes that are held before it is decided what they are.
    var head = 16 * 1024
    /// How long an event may be put off that nothing waits for, and how many may.
    var lateTime: Int64 = 5_000_000
    var lateEvents = 32
    /// How many packets may wait for the supervisor before nobody is let in.
    var announcements = 1024

    /// Those that the settings leave open, as they stand here.
    init(_ settings: DoorSettings) {
        connections = Int(settings.connections)
        connectionsPerSecond = Int(settings.connectionsPerSecond)
        connectionBurst = Int(settings.connectionBurst)
    }
}
