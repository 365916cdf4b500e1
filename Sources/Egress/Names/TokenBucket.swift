/// How often something may happen: so many times a second, and so many at once after a rest.
struct TokenBucket: Sendable {
    private let perSecond: Int64
    private let burst: Int64
    /// In billionths of a token.
    private var level: Int64
    private var filledAt: Int64

    private static let second: Int64 = 1_000_000_000

    /// Begins full.
    init(perSecond: Int64, burst: Int64, now: Int64) {
        self.perSecond = perSecond
        self.burst = burst
        level = burst * Self.second
        filledAt = now
    }

    /// Whether there is a token.
    mutating func hasOne(now: Int64) -> Bool {
        fill(now)
        return level >= Self.second
    }

    /// Takes one.
    mutating func take() { level -= Self.second }

    /// When there will be one.
    var next: Int64 { filledAt + (max(0, Self.second - level) + perSecond - 1) / perSecond }

    private mutating func fill(_ now: Int64) {
        // More than it takes to fill doesn't count, and can't overflow.
        let elapsed = min(max(0, now - filledAt), burst * Self.second / perSecond + 1)
        level = min(burst * Self.second, level + elapsed * perSecond)
        filledAt = max(filledAt, now)
    }
}
