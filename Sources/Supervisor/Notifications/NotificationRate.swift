/// When the kernel should wake the supervisor synchronously.
///
/// It makes a loop of small calls in one process several times faster and slows a parallel build down, whose calls
/// are far between; so only while there are many.
struct NotificationRate {
    private var start: Int64 = 0
    private var count = 0
    /// Whether it should now.
    private(set) var isOn = false

    /// Notifications are counted for so long, in nanoseconds, and have to be so many for the one and so few for
    /// the other.
    private static let period: Int64 = 20_000_000
    private static let many = 60
    private static let few = 20
    /// What a connection counts for: who makes several in that time waits for each, and nobody compiles by them.
    private static let connection = 15

    /// Counts one.
    ///
    /// - Returns: the new setting when it changes.
    mutating func change(at now: Int64, isConnection: Bool = false) -> Bool? {
        count += isConnection ? Self.connection : 1
        if !isOn, count >= Self.many, now - start < Self.period {
            isOn = true
            start = now
            count = 0
            return true
        }
        guard now - start >= Self.period else { return nil }
        let isQuiet = count * Int(Self.period) < Self.few * Int(now - start)
        start = now
        count = 0
        guard isOn, isQuiet else { return nil }
        isOn = false
        return false
    }
}
