/// Who waits for which record. Numbers only grow, so the first in the list is the first to go on.
struct WaitingList {
    private var entries: [(event: UInt64, connection: UInt64)] = []
    private var next = 0

    mutating func append(event: UInt64, connection: UInt64) {
        entries.append((event, connection))
    }

    /// The number of the first event for which something holds; nil when it does for none.
    func first(where condition: (_ event: UInt64, _ connection: UInt64) -> Bool) -> UInt64? {
        entries[next...].first { condition($0.event, $0.connection) }?.event
    }

    /// The next that may go on when everything up to this number is recorded; nil when there is none.
    mutating func take(upTo recorded: UInt64) -> (event: UInt64, connection: UInt64)? {
        guard next < entries.count, entries[next].event <= recorded else { return nil }
        let first = entries[next]
        next += 1
        if next == entries.count {
            entries.removeAll(keepingCapacity: true)
            next = 0
        } else if next >= 1024 {
            entries.removeFirst(next)
            next = 0
        }
        return first
    }
}
