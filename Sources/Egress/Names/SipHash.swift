/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short texts whose results nobody can tell or bring to
/// meet without the key, at a few nanoseconds.
///
/// The addresses of names are made from it. A program inside sees seventeen bits of a result for each name that it asks
/// for: for that a function made against the flooding of hash tables is the right size, and nothing else here needs a
/// cryptographic digest.
struct SipHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    private init(_ k0: UInt64, _ k1: UInt64) {
        v0 = k0 ^ 0x736f_6d65_7073_6575
        v1 = k1 ^ 0x646f_7261_6e64_6f6d
        v2 = k0 ^ 0x6c79_6765_6e65_7261
        v3 = k1 ^ 0x7465_6462_7974_6573
    }

    /// The hash of a text under the sixteen bytes of a key.
    static func hash(_ text: some Sequence<UInt8>, key: (UInt64, UInt64)) -> UInt64 {
        var state = SipHash(key.0, key.1)
        var word: UInt64 = 0
        var count: UInt64 = 0
        for byte in text {
            word |= UInt64(byte) << (count % 8 * 8)
            count += 1
            if count % 8 == 0 {
                state.take(word)
                word = 0
            }
        }
        state.take(word | count << 56)
        state.v2 ^= 0xff
        for _ in 0..<4 { state.round() }
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    private mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotate(v1, 13) ^ v0
        v0 = Self.rotate(v0, 32)
        v2 &+= v3
        v3 = Self.rotate(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotate(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotate(v1, 17) ^ v2
        v2 = Self.rotate(v2, 32)
    }

    @inline(__always)
    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }
}
