/// SHA-256 (FIPS 180-4), for names and chains of records; small, because it is on the launch path, and quick,
/// because each record passes through it before what it tells of goes on.
public struct SHA256: Sendable {
    private var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]
    /// What has come since the last whole block; `length % 64` bytes of it count.
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var length: UInt64 = 0

    private static let constants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]

    /// A digest of nothing yet.
    public init() {}

    /// The digest of these bytes.
    public static func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.append(bytes)
        return hash.finished()
    }

    /// Takes more bytes.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        let isTaken: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            append(unsafe buffer.span)
        }
        if isTaken == nil { append(Array(bytes).span) }
    }

    /// Takes more bytes from where they are.
    private mutating func append(_ bytes: Span<UInt8>) {
        var next = 0
        var filled = Int(length % 64)
        length += UInt64(bytes.count)
        while next < bytes.count {
            if filled == 0, bytes.count - next >= 64 {
                compress(bytes, from: next)
                next += 64
                continue
            }
            block[filled] = bytes[next]
            filled += 1
            next += 1
            if filled == 64 {
                compressBlock()
                filled = 0
            }
        }
    }

    /// The digest, 32 bytes.
    public consuming func finished() -> [UInt8] {
        let bits = length * 8
        let filled = Int(length % 64)
        block[filled] = 0x80
        for index in (filled + 1)..<64 { block[index] = 0 }
        // The length doesn't fit behind the bytes: it ends a block of its own.
        if filled >= 56 {
            compressBlock()
            block = InlineArray(repeating: 0)
        }
        for index in 0..<8 { block[56 + index] = UInt8(truncatingIfNeeded: bits >> UInt64(56 - index * 8)) }
        compressBlock()
        var digest: [UInt8] = []
        digest.reserveCapacity(32)
        for index in 0..<8 {
            for shift in stride(from: 24, through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: state[index] >> UInt32(shift)))
            }
        }
        return digest
    }

    private mutating func compressBlock() {
        let copy = block
        compress(copy.span, from: 0)
    }

    /// Works one block into the state. The schedule is a ring of the last sixteen words, because more of it is
    /// never looked at.
    private mutating func compress(_ bytes: Span<UInt8>, from start: Int) {
        var schedule = InlineArray<16, UInt32>(repeating: 0)
        for index in 0..<16 {
            let place = start + index * 4
            let high = UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16
            schedule[index] = high | UInt32(bytes[place + 2]) << 8 | UInt32(bytes[place + 3])
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            if index >= 16 { Self.extend(&schedule, at: index) }
            let second = Self.rotate(e, 6) ^ Self.rotate(e, 11) ^ Self.rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let one = h &+ second &+ choice &+ Self.constants[index] &+ schedule[index & 15]
            let first = Self.rotate(a, 2) ^ Self.rotate(a, 13) ^ Self.rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ one)
            (d, c, b, a) = (c, b, a, one &+ first &+ majority)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
    }

    @inline(__always)
    private static func extend(_ schedule: inout InlineArray<16, UInt32>, at index: Int) {
        let early = schedule[(index &+ 1) & 15]
        let late = schedule[(index &+ 14) & 15]
        let first = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
        let second = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
        schedule[index & 15] = schedule[index & 15] &+ first &+ schedule[(index &+ 9) & 15] &+ second
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word &>> count | word &<< (32 - count)
    }
}
