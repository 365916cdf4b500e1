/// How much a session may write, whatever runs in it: denials are for whoever runs inside to make, without end.
/// Beyond these they are only counted.
public struct AuditBounds: Sendable {
    /// Records of denials at once. A build that meets ten thousand different closed doors is recorded whole.
    public var burst = 10_000
    /// Records of denials a second after that.
    public var rate = 500
    /// The size in bytes from which on denials, and programs other than the session's own command, are only counted.
    public var size = 256 * 1_048_576
    /// How long identical denials, and what has no record, are gathered, in nanoseconds.
    public var window: Int64 = 5_000_000_000
    /// How many different denials are remembered.
    public var denials = 1024
    /// How many bytes of denials that are being counted are held.
    public var heldBytes = 1_048_576
    /// How long after a failed write the next is tried, in nanoseconds.
    public var retry: Int64 = 1_000_000_000

    /// The usual ones.
    public init() {}
}
