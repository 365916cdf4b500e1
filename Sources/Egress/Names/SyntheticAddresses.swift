internal import Linux
internal import Network

/// The addresses that names have inside: one of 198.18.0.0/15 for each, a range that no host of the internet has
/// (RFC 2544). A connection to one of them tells which name it is for.
///
/// An address comes from a keyed hash of the name, so that it is the same in every sandbox of a user: programs keep
/// addresses for longer than a session (ssh in known_hosts, Java for ever). Where two names meet, the later one goes on
/// to the next place; the names of the policy come first and in an order of their own.
struct SyntheticAddresses {
    private struct Entry {
        var name: DomainName
        /// Whether the policy names it: it stays.
        var isFixed: Bool
        var connections = 0
        /// Whether anybody has been given the address.
        var isKnown = false
        /// Neighbours in the order of use, by their offsets; only of those that may go.
        var older: UInt32?
        var newer: UInt32?
    }

    private var entries: [UInt32: Entry] = [:]
    private var offsets: [DomainName: UInt32] = [:]
    private var oldest: UInt32?
    private var newest: UInt32?
    private let key: (UInt64, UInt64)
    private let prefix: ArraySlice<UInt8>
    private let most: Int
    private var new: [(IPAddress, DomainName)] = []
    /// How many names stay.
    private var fixed = 0

    /// 198.18.0.0
    private static let base: UInt32 = 0xc612_0000
    /// How many addresses the range has.
    static let size: UInt32 = 1 << 17
    /// The most names at once that no line of the policy spells out: 6 MiB of the longest.
    static let mostNames = 16_384

    /// Begins with the names that the policy spells out, so that a door that was started anew knows them, and room
    /// for so many others at once; nil when the key hasn't its size.
    init?(key: [UInt8], names: [DomainName], most: Int = mostNames) {
        guard key.count == DoorSettings.keySize else { return nil }
        func word(_ start: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(key[start + $1]) << ($1 * 8) }
        }
        self.key = (word(0), word(8))
        // The second half of the key goes before each name: no bit of it is left out.
        prefix = key[16...]
        self.most = most
        for name in Set(names).sorted(by: { $0.text < $1.text }) {
            guard let offset = freeOffset(for: name) else { break }
            entries[offset] = Entry(name: name, isFixed: true)
            offsets[name] = offset
        }
        fixed = entries.count
    }

    /// The names that every line of `network.allow` spells out.
    init?(_ settings: DoorSettings) {
        let names = settings.allow.compactMap { rule -> DomainName? in
            if case .exact(let name) = rule.target { name } else { nil }
        }
        self.init(key: settings.key, names: names)
    }

    /// Whether an address is one of the range.
    static func contains(_ address: IPAddress) -> Bool { offset(of: address) != nil }

    private static func offset(of address: IPAddress) -> UInt32? {
        guard let number = address.version4, number & ~(size - 1) == base else { return nil }
        return number & (size - 1)
    }

    /// The name behind an address; nil when none has it, or not any more.
    func name(of address: IPAddress) -> DomainName? {
        Self.offset(of: address).flatMap { entries[$0]?.name }
    }

    /// How many names have an address.
    var count: Int { entries.count }

    /// The address of a name, which it has from now on. When there are too many, the name that wasn't asked for the
    /// longest loses its own, unless a connection is open to it.
    ///
    /// - Returns: nil when every one is in use.
    mutating func address(of name: DomainName) -> IPAddress? {
        if let offset = offsets[name] {
            touch(offset)
            return give(offset)
        }
        if entries.count - fixed >= most { guard forgetOldest() else { return nil } }
        guard let offset = freeOffset(for: name) else { return nil }
        entries[offset] = Entry(name: name, isFixed: false)
        offsets[name] = offset
        append(offset)
        return give(offset)
    }

    private mutating func give(_ offset: UInt32) -> IPAddress {
        let address = IPAddress(version4: Self.base | offset)
        if let entry = entries[offset], !entry.isKnown {
            entries[offset]?.isKnown = true
            new.append((address, entry.name))
        }
        return address
    }

    /// What was given out for the first time since this was asked last.
    mutating func takeNew() -> [(IPAddress, DomainName)] {
        defer { new.removeAll(keepingCapacity: true) }
        return new
    }

    /// A connection to this address is open: its name stays.
    mutating func connectionOpened(to address: IPAddress) {
        guard let offset = Self.offset(of: address), let entry = entries[offset] else { return }
        if entry.connections == 0, !entry.isFixed { remove(offset) }
        entries[offset]?.connections += 1
    }

    /// A connection to this address has ended.
    mutating func connectionClosed(to address: IPAddress) {
        guard let offset = Self.offset(of: address), let entry = entries[offset], entry.connections > 0
        else { return }
        entries[offset]?.connections -= 1
        if entry.connections == 1, !entry.isFixed { append(offset) }
    }

    /// Where the hash puts a name, or the next place that is free. The addresses that end in 0 and 255 stay unused:
    /// some programs and filters take them for those of networks and broadcasts.
    private func freeOffset(for name: DomainName) -> UInt32? {
        guard entries.count < Int(Self.size) / 256 * 254 else { return nil }
        let hash = SipHash.hash([prefix, Array(name.text.utf8)[...]].joined(), key: key)
        let mask = UInt64(Self.size - 1)
        func isFree(_ offset: UInt32) -> Bool {
            (1...254).contains(offset & 0xff) && entries[offset] == nil
        }
        for shift in stride(from: 0 as UInt64, through: 34, by: 17) {
            let offset = UInt32(hash >> shift & mask)
            if isFree(offset) { return offset }
        }
        var offset = UInt32(hash & mask)
        repeat { offset = (offset + 1) & (Self.size - 1) } while !isFree(offset)
        return offset
    }
}

extension SyntheticAddresses {
    /// The order of use: a list through the entries that may go, the oldest first.
    private mutating func append(_ offset: UInt32) {
        entries[offset]?.older = newest
        entries[offset]?.newer = nil
        if let newest { entries[newest]?.newer = offset } else { oldest = offset }
        newest = offset
    }

    private mutating func remove(_ offset: UInt32) {
        guard let entry = entries[offset] else { return }
        if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
        if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
    }

    private mutating func touch(_ offset: UInt32) {
        guard let entry = entries[offset], !entry.isFixed, entry.connections == 0, newest != offset
        else { return }
        remove(offset)
        append(offset)
    }

    private mutating func forgetOldest() -> Bool {
        guard let offset = oldest, let entry = entries[offset] else { return false }
        remove(offset)
        entries[offset] = nil
        offsets[entry.name] = nil
        return true
    }
}
