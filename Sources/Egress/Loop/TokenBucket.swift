/// How often something may happen: so many times a second, and so many at once after a rest. What has to wait isn't
/// refused: a connection waits in its listener's backlog, a question in the socket, as at a server that is busy.
struct TokenBucket: Sendable {
    private let perSecond: Int64
    private let burst: Int64
    /// In billionths of a token.
    private var level: Int64
    private var filledAt: Int64

    private static let one: Int64 = 1_000_000_000

    /// Begins full.
    init(perSecond: Int, burst: Int, now: Int64) {
        self.perSecond = Int64(perSecond)
        self.burst = Int64(burst)
        level = Int64(burst) * Self.one
        filledAt = now
    }

    /// When there will be a token; nil is now.
    mutating func next(now: Int64) -> Int64? {
        // More than it takes to fill doesn't count, and can't overflow.
        let elapsed = min(max(0, now - filledAt), burst * Self.one / perSecond + 1)
        level = min(burst * Self.one, level + elapsed * perSecond)
        filledAt = max(filledAt, now)
        guard level < Self.one else { return nil }
        let (time, isBeyond) = filledAt.addingReportingOverflow(
            (Self.one - level + perSecond - 1) / perSecond)
        return isBeyond ? .max : time
    }

    /// Takes one.
    mutating func take() { level -= Self.one }
}
