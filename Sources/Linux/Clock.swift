internal import CLinux

/// The clocks (clock_gettime(2)), in nanoseconds.
public enum Clock {
    /// Since some point in the past; never set back.
    public static func monotonic() -> Int64 { mews_monotonic() }
    /// The earlier of two moments, of which nil never comes.
    public static func first(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
    /// Since 1970-01-01 UTC, as the host believes.
    public static func realtime() -> Int64 { mews_realtime() }
}
