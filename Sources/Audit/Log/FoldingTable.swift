internal import Linux
internal import Network

/// Tells identical acts from new ones, and gathers them.
///
/// Bounded in number and in bytes: who acts inside chooses what is denied, and could otherwise fill the
/// supervisor's memory with different paths.
struct FoldingTable {
    /// Acts that have no record yet, with what their record will say.
    struct Held {
        let act: RecordedAct
        var fold: RecordEncoder.Fold
        let deadline: Int64
    }

    /// Two hashes of what makes acts identical. Hashes with the process's own random seed, so that nobody can
    /// look for two that are equal; the texts themselves would be megabytes.
    private struct Key: Hashable {
        let first: Int
        let second: Int

        init(_ act: RecordedAct) {
            self.init { act.hash(into: &$0) }
        }

        init(_ combine: (inout Hasher) -> Void) {
            first = Self.hash(0, combine)
            second = Self.hash(1, combine)
        }

        private static func hash(_ salt: UInt8, _ combine: (inout Hasher) -> Void) -> Int {
            var hasher = Hasher()
            hasher.combine(salt)
            combine(&hasher)
            return hasher.finalize()
        }
    }

    private struct Entry {
        var key: Key
        /// Acts that were written singly.
        var single = 1
        var held: Held?
    }

    private let bounds: AuditBounds
    private var entries: [Entry] = []
    private var places: [Key: Int] = [:]
    /// Which entry goes next when there is no room.
    private var oldest = 0
    /// Entries with something held, in the order of their deadlines; some have been emptied since.
    private var queue: [(place: Int, deadline: Int64)] = []
    private var head = 0
    private var heldBytes = 0
    /// What had to make room before its time.
    private var displaced: [Held] = []

    /// How many of a kind are written singly before they are gathered.
    private static let singles = 3

    init(_ bounds: AuditBounds) {
        self.bounds = bounds
    }

    /// Adds something asked of the network to those identical to it that are held, if there are such. It needn't be put
    /// into words then.
    mutating func gather(_ event: NetworkEvent, by process: AuditedProcess?, at now: Moment) -> Bool {
        let key = Key { RecordedAct.hash(event, by: process, into: &$0) }
        guard let place = places[key], entries[place].held != nil else { return false }
        entries[place].held?.fold.count += 1
        entries[place].held?.fold.last = now.milliseconds
        entries[place].held?.fold.traffic.add(NetworkTraffic(of: event))
        return true
    }

    /// Takes an act.
    ///
    /// - Returns: whether it is to be written singly; else it is held.
    mutating func admit(_ act: RecordedAct, at now: Moment) -> Bool {
        let key = Key(act)
        guard let place = places[key] else {
            insert(key)
            return true
        }
        if entries[place].single < Self.singles {
            entries[place].single += 1
            return true
        }
        let time = now.milliseconds
        if entries[place].held != nil {
            entries[place].held?.fold.count += 1
            entries[place].held?.fold.last = time
            entries[place].held?.fold.traffic.add(act.traffic)
            return false
        }
        let deadline = now.monotonic + bounds.window
        let fold = RecordEncoder.Fold(count: 1, first: time, last: time, traffic: act.traffic)
        entries[place].held = Held(act: act, fold: fold, deadline: deadline)
        queue.append((place, deadline))
        heldBytes += act.size
        while heldBytes > bounds.heldBytes, let held = first(until: .max) { displaced.append(held) }
        return false
    }

    private mutating func insert(_ key: Key) {
        if entries.count < bounds.denials {
            places[key] = entries.count
            entries.append(Entry(key: key))
            return
        }
        places[entries[oldest].key] = nil
        if let held = release(oldest) { displaced.append(held) }
        entries[oldest] = Entry(key: key)
        places[key] = oldest
        oldest = (oldest + 1) % bounds.denials
    }

    private mutating func release(_ place: Int) -> Held? {
        guard let held = entries[place].held else { return nil }
        entries[place].held = nil
        heldBytes -= held.act.size
        return held
    }

    /// What is to be written by now, one after the other.
    mutating func next(at now: Int64) -> Held? {
        displaced.isEmpty ? first(until: now) : displaced.removeFirst()
    }

    private mutating func first(until now: Int64) -> Held? {
        while head < queue.count, queue[head].deadline <= now {
            let (place, deadline) = queue[head]
            head += 1
            trim()
            if entries[place].held?.deadline == deadline { return release(place) }
        }
        return nil
    }

    /// Forgets what the head has passed, once that is most of the queue.
    private mutating func trim() {
        if head < 1024, head < queue.count { return }
        queue.removeFirst(head)
        head = 0
    }

    /// When something is to be written next; never later than that.
    var deadline: Int64? {
        head < queue.count ? queue[head].deadline : nil
    }
}
