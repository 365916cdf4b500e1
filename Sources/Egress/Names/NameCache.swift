internal import Network

/// What was answered lately about names, for as long as the servers said, within bounds.
struct NameCache {
    private struct Entry {
        var answer: ResolverAnswer
        var until: Int64
    }

    private var entries: [DomainName: Entry] = [:]

    /// The most names.
    static let most = 1024
    /// How long addresses are kept, in seconds: at least so that a burst of connections asks once, at most so that a
    /// host that moved is found again.
    static let seconds: ClosedRange<UInt32> = 5...300
    /// How long it is kept that there is nothing.
    static let secondsOfNothing: ClosedRange<UInt32> = 5...60
    /// How long it is kept that nobody knows (RFC 9520, 3.2).
    static let secondsOfFailure: UInt32 = 1

    /// How many names there are.
    var count: Int { entries.count }

    /// What is known of a name.
    func answer(to name: DomainName, now: Int64) -> ResolverAnswer? {
        entries[name].flatMap { $0.until > now ? $0.answer : nil }
    }

    /// Keeps an answer.
    mutating func keep(_ answer: ResolverAnswer, for name: DomainName, seconds: UInt32, now: Int64) {
        if entries[name] == nil, entries.count >= Self.most { makeRoom(now) }
        let bounded: UInt32
        switch answer {
        case .addresses: bounded = min(max(seconds, Self.seconds.lowerBound), Self.seconds.upperBound)
        case .notFound, .noAddress:
            bounded = min(max(seconds, Self.secondsOfNothing.lowerBound), Self.secondsOfNothing.upperBound)
        case .failed: bounded = Self.secondsOfFailure
        }
        entries[name] = Entry(answer: answer, until: now + Int64(bounded) * 1_000_000_000)
    }

    /// Drops what is over, else the quarter that is over first.
    private mutating func makeRoom(_ now: Int64) {
        entries = entries.filter { $0.value.until > now }
        guard entries.count >= Self.most else { return }
        for (name, _) in entries.sorted(by: { $0.value.until < $1.value.until }).prefix(Self.most / 4) {
            entries[name] = nil
        }
    }
}
