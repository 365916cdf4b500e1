import Linux

/// What isn't a DNS message as RFC 1035 has it.
struct MalformedMessage: Error {}

/// Reads the parts of a DNS message one after the other, from bytes that anybody may have made.
///
/// The work is bounded by the message: a name follows pointers only backwards, `mostPointers` of them, and ends at 255
/// bytes.
struct MessageReader {
    private let bytes: [UInt8]
    /// Where the next part begins.
    private(set) var position = 0

    /// The most pointers of a name: as many as it can have labels.
    static let mostPointers = 127
    /// The size of a header; no name lies before its end.
    static let headerSize = 12

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Goes on at another place, one that was passed before.
    mutating func move(to place: Int) { position = place }

    /// The bytes between two places.
    func bytes(from start: Int, to end: Int) -> ArraySlice<UInt8> { bytes[start..<end] }

    mutating func number16() throws(MalformedMessage) -> UInt16 {
        guard bytes.count - position >= 2 else { throw MalformedMessage() }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    mutating func number32() throws(MalformedMessage) -> UInt32 {
        let high = try number16()
        return UInt32(high) << 16 | UInt32(try number16())
    }

    /// The next bytes.
    mutating func take(_ count: Int) throws(MalformedMessage) -> ArraySlice<UInt8> {
        guard bytes.count - position >= count else { throw MalformedMessage() }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    /// The next name, in lower case.
    mutating func name(mayPoint: Bool = true) throws(MalformedMessage) -> WireName {
        var name: [UInt8] = []
        var place = position
        var limit = position
        var end: Int?
        var pointers = 0
        while true {
            guard place < bytes.count else { throw MalformedMessage() }
            let first = bytes[place]
            if first == 0 {
                position = end ?? place + 1
                return WireName(canonical: name)
            }
            switch first >> 6 {
            case 0:
                let next = place + 1 + Int(first)
                guard next <= bytes.count, name.count + 1 + Int(first) <= WireName.most
                else { throw MalformedMessage() }
                name.append(first)
                for byte in bytes[(place + 1)..<next] { name.append(byte.lowered) }
                place = next
            case 3 where mayPoint:
                guard place + 1 < bytes.count else { throw MalformedMessage() }
                let target = Int(first & 0x3f) << 8 | Int(bytes[place + 1])
                pointers += 1
                // Only to before where this piece began, so that it ends, and never into the header.
                guard target < limit, target >= Self.headerSize, pointers <= Self.mostPointers
                else { throw MalformedMessage() }
                end = end ?? place + 2
                limit = target
                place = target
            default: throw MalformedMessage()
            }
        }
    }
}
