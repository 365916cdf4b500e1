/// Puts the fields of an answer behind each other.
struct FuseWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 160) {
        bytes.reserveCapacity(capacity)
    }

    mutating func word(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func long(_ value: UInt64) {
        word(UInt32(truncatingIfNeeded: value))
        word(UInt32(truncatingIfNeeded: value >> 32))
    }

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Zeros up to a multiple of eight bytes.
    mutating func align() {
        while bytes.count % 8 != 0 { bytes.append(0) }
    }
}
