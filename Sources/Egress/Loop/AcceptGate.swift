/// How fast connections are let in: a bucket that fills evenly. Who has to wait, waits in the listener's backlog, as at a
/// server that is busy, and isn't refused.
struct AcceptGate {
    private let perSecond: Int64
    private let burst: Int64
    // In billionths of a connection.
    private var level: Int64
    private var filledAt: Int64

    private static let one: Int64 = 1_000_000_000

    init(perSecond: Int, burst: Int, now: Int64) {
        self.perSecond = Int64(perSecond)
        self.burst = Int64(burst)
        level = Int64(burst) * Self.one
        filledAt = now
    }

    /// When the next may come; nil is now.
    mutating func next(now: Int64) -> Int64? {
        let full = burst * Self.one
        let (gained, overflow) = max(0, now - filledAt).multipliedReportingOverflow(by: perSecond)
        level = overflow ? full : min(full, level + min(gained, full))
        filledAt = now
        guard level < Self.one else { return nil }
        let (time, isBeyond) = now.addingReportingOverflow((Self.one - level + perSecond - 1) / perSecond)
        return isBeyond ? .max : time
    }

    /// One has come.
    mutating func take() { level -= Self.one }
}
