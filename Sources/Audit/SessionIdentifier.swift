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
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - $0 * 8)) }
        bytes += (0..<10).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes[6] = bytes[6] & 0x0f | 0x70
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array(Hexadecimal.text(bytes))
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        description = groups.map { String(digits[$0]) }.joined(separator: "-")
    }
}
