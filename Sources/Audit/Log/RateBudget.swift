/// How many records may still be written: a number at once, refilled evenly.
struct RateBudget {
    private let burst: Int64
    /// Nanoseconds for one.
    private let interval: Int64
    /// When everything that was taken will have been refilled.
    private var filledAt: Int64 = .min

    init(burst: Int, rate: Int) {
        self.burst = Int64(burst)
        interval = 1_000_000_000 / Int64(rate)
    }

    /// Takes one if there is one.
    mutating func take(at now: Int64) -> Bool {
        let begin = max(filledAt, now)
        // As many intervals lie between now and then as have been taken and not been refilled.
        guard begin - now <= (burst - 1) * interval else { return false }
        filledAt = begin + interval
        return true
    }
}
