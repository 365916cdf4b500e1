/// Reads what `WireWriter` wrote. Past the end, or at a value that can't be, there is nothing.
public struct WireReader: Sendable {
    private var rest: ArraySlice<UInt8>

    /// Begins at the start of a message.
    public init(_ bytes: some Sequence<UInt8>) {
        rest = Array(bytes)[...]
    }

    /// Whether everything has been read.
    public var isAtEnd: Bool { rest.isEmpty }

    /// How many bytes are left.
    public var count: Int { rest.count }

    /// The next number.
    public mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type = Number.self
    ) -> Number? {
        let size = Number.bitWidth / 8
        guard rest.count >= size else { return nil }
        var number: Number = 0
        for place in 0..<size { number |= Number(rest[rest.startIndex + place]) << Number(place * 8) }
        rest.removeFirst(size)
        return number
    }

    /// The next text, of at most `most` bytes.
    public mutating func text(most: Int) -> [UInt8]? {
        guard let length = number(UInt32.self), length <= UInt32(clamping: most), rest.count >= Int(length)
        else { return nil }
        defer { rest = rest.dropFirst(Int(length)) }
        return Array(rest.prefix(Int(length)))
    }
}
