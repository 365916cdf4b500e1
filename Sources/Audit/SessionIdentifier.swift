/// The name of a session: a UUID of version 7, which sorts by time (RFC 9562, section 5.7).
public struct SessionIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// The canonical form, in lower case.
    public let description: String

    /// Makes one.
    ///
    /// - Parameters:
    ///   - milliseconds: since 1970-01-01 UTC.
    ///   - random: a source of randomness that can't be guessed.
    public init(milliseconds: UInt64, using random: inout some RandomNumberGenerator) {
        let random = (random.next(), random.next())
        // Behind the time its version, behind that the variant.
        let first = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
        let second = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for place in 0..<32 {
            if [8, 12, 16, 20].contains(place) { text.append(UInt8(ascii: "-")) }
            let half = place < 16 ? first : second
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4) & 15)
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        description = String(decoding: text, as: UTF8.self)
    }
}
