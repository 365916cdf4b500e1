/// Numbers by path, for the paths of a policy, each of which is looked up a few times.
///
/// Not a dictionary: the first one of each kind of key and value makes the runtime look for their conformances,
/// some 15 us, which in a program that is done in two milliseconds is more than all of its look-ups. And the
/// directories above a path are found without making each of them a path of its own.
public struct PathIndex: Sendable {
    private struct Entry {
        let hash: Int
        let key: [UInt8]
        var value: Int
    }

    private var entries: [Entry] = []
    /// Where in `entries` a key is: at its hash, or behind it where that is taken; -1 is free. A power of two,
    /// at least twice the entries.
    private var slots: [Int] = []

    /// An index with room for some paths before it has to grow.
    public init(capacity: Int = 24) {
        entries.reserveCapacity(capacity)
        resize(for: capacity)
    }

    /// Whether nothing is in it.
    public var isEmpty: Bool { entries.isEmpty }

    /// The number at a path.
    public subscript(path: AbsolutePath) -> Int? {
        get { self[path.bytes] }
        set { self[path.bytes] = newValue }
    }

    /// The number at a key that isn't a path but as unique as one. Setting nil changes nothing: nothing is
    /// ever taken out.
    public subscript(key: [UInt8]) -> Int? {
        get { find(key[...]) }
        set {
            guard let newValue else { return }
            let hash = Self.hash(key[...])
            let slot = slot(of: key[...], hash)
            if slots[slot] >= 0 {
                entries[slots[slot]].value = newValue
            } else {
                add(Entry(hash: hash, key: key, value: newValue), at: slot)
            }
        }
    }

    /// Adds a path.
    ///
    /// - Returns: false, and nothing is changed, when it is there already.
    public mutating func insert(_ path: AbsolutePath, _ value: Int = 0) -> Bool {
        insert(path.bytes, value)
    }

    /// Adds a key.
    ///
    /// - Returns: false, and nothing is changed, when it is there already.
    public mutating func insert(_ key: [UInt8], _ value: Int = 0) -> Bool {
        let hash = Self.hash(key[...])
        let slot = slot(of: key[...], hash)
        guard slots[slot] < 0 else { return false }
        add(Entry(hash: hash, key: key, value: value), at: slot)
        return true
    }

    /// The number at the nearest directory above a path; nil when none of them has one.
    public func nearest(above path: AbsolutePath) -> Int? {
        var rest = path.bytes[...]
        while rest.count > 1, let cut = rest.lastIndex(of: AbsolutePath.slash) {
            rest = rest[..<max(cut, 1)]
            if let found = find(rest) { return found }
        }
        return nil
    }

    private func find(_ key: ArraySlice<UInt8>) -> Int? {
        let place = slots[slot(of: key, Self.hash(key))]
        return place < 0 ? nil : entries[place].value
    }

    /// The hash of the standard library, which is another one in each process: whoever writes a profile
    /// can't choose paths that collide.
    private static func hash(_ key: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private func slot(of key: ArraySlice<UInt8>, _ hash: Int) -> Int {
        var slot = hash & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[slots[slot]]
            if entry.hash == hash, entry.key[...] == key { break }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func add(_ entry: Entry, at slot: Int) {
        slots[slot] = entries.count
        entries.append(entry)
        if entries.count * 2 > slots.count { resize(for: entries.count * 2) }
    }

    private mutating func resize(for count: Int) {
        var size = 16
        while size < count * 2 { size *= 2 }
        slots = [Int](repeating: -1, count: size)
        for (index, entry) in entries.enumerated() {
            var slot = entry.hash & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = index
        }
    }
}
