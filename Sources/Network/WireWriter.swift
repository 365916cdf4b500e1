/// Puts values one behind the other, as the supervisor and the door exchange them: numbers little-endian, texts with
/// their length before them.
public struct WireWriter: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Begins an empty message.
    public init() {
        // Most have some hundred bytes.
        bytes.reserveCapacity(192)
    }

    /// Adds a number in as many bytes as its type has.
    public mutating func add(_ number: some FixedWidthInteger & UnsignedInteger) {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Adds a text of at most 2^32 - 1 bytes.
    public mutating func add(text: some Collection<UInt8>) {
        add(UInt32(text.count))
        bytes += text
    }
}
