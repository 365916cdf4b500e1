/// Reads git's index (gitformat-index(5)), versions 2 to 4, from bytes that anybody may have written.
struct GitIndex {
    /// Bytes that aren't such a file, or one that can't be read to the end.
    struct Malformed: Error {}

    /// A tracked path as the index recorded it.
    struct Entry {
        /// What has been staged of a path.
        let mode: UInt32
        /// Of the file in the working tree, in the 32 bits that the index has.
        let size: UInt32
        /// When the file was changed; 0 nanoseconds also where whoever wrote the index recorded none.
        let modified: (seconds: UInt32, nanoseconds: UInt32)
        /// The name of the blob or commit.
        let object: ArraySlice<UInt8>
        /// Whether git was told not to look at the file: assume-unchanged or skip-worktree.
        let isPassedOver: Bool
        /// Whether it is in conflict, or added only as a name: either way git calls it changed.
        let isPending: Bool
        /// Relative to the working tree.
        let name: [UInt8]
    }

    private let bytes: [UInt8]
    private let objectLength: Int
    private let version: UInt32
    private var remaining: UInt32
    private var position = 12
    /// Where the checksum begins. It is not looked at: whoever can write the file can write that too.
    private let end: Int
    private var name: [UInt8] = []

    private static let mostNameBytes = 4096

    /// Reads the header of an index whose object names have that many bytes: 20 with SHA-1, 32 with SHA-256.
    init(_ bytes: [UInt8], objectLength: Int) throws(Malformed) {
        guard bytes.count >= 12 + objectLength, bytes.starts(with: "DIRC".utf8) else { throw Malformed() }
        self.bytes = bytes
        self.objectLength = objectLength
        end = bytes.count - objectLength
        version = Self.word(bytes, 4)
        remaining = Self.word(bytes, 8)
        guard (2...4).contains(version) else { throw Malformed() }
    }

    /// The number of entries that the file claims to have.
    var count: Int { Int(remaining) }

    /// The next entry; nil after the last one.
    mutating func next() throws(Malformed) -> Entry? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        let start = position
        let flagsPlace = start + 40 + objectLength
        guard flagsPlace + 2 < end else { throw Malformed() }
        let flags = Self.half(bytes, flagsPlace)
        var extended: UInt16 = 0
        var place = flagsPlace + 2
        if flags & Flag.extended != 0 {
            guard version >= 3, place + 2 < end else { throw Malformed() }
            extended = Self.half(bytes, place)
            place += 2
        }
        try readName(from: place, entry: start)
        return Entry(
            mode: Self.word(bytes, start + 24), size: Self.word(bytes, start + 36),
            modified: (Self.word(bytes, start + 8), Self.word(bytes, start + 12)),
            object: bytes[(start + 40)..<flagsPlace],
            isPassedOver: flags & Flag.assumeUnchanged != 0 || extended & Flag.skipWorktree != 0,
            isPending: flags & Flag.stage != 0 || extended & Flag.intentToAdd != 0, name: name)
    }

    private enum Flag {
        static let assumeUnchanged: UInt16 = 0x8000
        static let extended: UInt16 = 0x4000
        static let stage: UInt16 = 0x3000
        static let skipWorktree: UInt16 = 0x4000
        static let intentToAdd: UInt16 = 0x2000
    }

    /// Reads a name and moves on to the next entry. Version 4 writes only what differs from the name before.
    private mutating func readName(from start: Int, entry: Int) throws(Malformed) {
        var place = start
        if version == 4 {
            let dropped = try offset(&place)
            guard dropped <= name.count else { throw Malformed() }
            name.removeLast(dropped)
        } else {
            name.removeAll(keepingCapacity: true)
        }
        let room = bytes[place..<min(end, place + Self.mostNameBytes)]
        guard let terminator = room.firstIndex(of: 0) else { throw Malformed() }
        name += bytes[place..<terminator]
        guard !name.isEmpty, name.count < Self.mostNameBytes else { throw Malformed() }
        // Before version 4 one to eight NULs fill each entry up to a multiple of eight bytes.
        position = version == 4 ? terminator + 1 : entry + ((terminator - entry + 8) & ~7)
        guard position <= end else { throw Malformed() }
    }

    /// A number of variable width as packs have it: seven bits a byte, each continuation adding one.
    private func offset(_ place: inout Int) throws(Malformed) -> Int {
        var value = -1
        while place < end, value < Self.mostNameBytes {
            let byte = bytes[place]
            place += 1
            value = (value + 1) << 7 | Int(byte & 0x7f)
            if byte & 0x80 == 0 { return value }
        }
        throw Malformed()
    }

    /// Whether the entries read are all there are, once `next()` has returned nil.
    ///
    /// An extension whose name begins with a capital may be passed over; `sdir` says that directories stand among
    /// the entries, which are marked as passed over. `link` says that more entries lie in another file.
    func isWhole() -> Bool {
        var place = position
        while place + 8 <= end {
            let name = bytes[place..<(place + 4)]
            let isOptional = name.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? false
            guard isOptional || name.elementsEqual("sdir".utf8) else { return false }
            place += 8 + Int(Self.word(bytes, place + 4))
        }
        return place == end
    }

    private static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        UInt32(half(bytes, place)) << 16 | UInt32(half(bytes, place + 2))
    }

    private static func half(_ bytes: [UInt8], _ place: Int) -> UInt16 {
        UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }
}
