internal import CLinux

/// The clocks (clock_gettime(2)), in nanoseconds.
public enum Clock {
    /// Since some point in the past; never set back.
    public static func monotonic() -> Int64 { mews_monotonic() }
    /// Since 1970-01-01 UTC, as the host believes.
    public static func realtime() -> Int64 { mews_realtime() }
}
