/// A point in time by both clocks: the one that people read, and the one that is never set.
public struct Moment: Hashable, Sendable {
    /// Nanoseconds since 1970-01-01 UTC (CLOCK_REALTIME).
    public var realtime: Int64
    /// Nanoseconds since some point in the past (CLOCK_MONOTONIC).
    public var monotonic: Int64

    /// Joins the two readings.
    public init(realtime: Int64, monotonic: Int64) {
        self.realtime = realtime
        self.monotonic = monotonic
    }

    /// Milliseconds since 1970-01-01 UTC, as records have them.
    var milliseconds: Int { Int(realtime / 1_000_000) }
}
