internal import Linux

/// An address as a name, in whose place its own name is asked for: `1.0.18.198.in-addr.arpa` (RFC 1035, 3.5) and the
/// same in 32 hexadecimal digits below `ip6.arpa` (RFC 3596, 2.5).
struct ReverseName {
    let address: IPAddress

    /// - Returns: nil for every other name, those of networks (`18.198.in-addr.arpa`) too.
    init?(_ name: WireName) {
        let labels = name.labels
        if name.ends(in: ["in-addr", "arpa"]), labels.count == 6 {
            let quad = labels.prefix(4).reversed().map { String(decoding: $0, as: UTF8.self) }
            guard let address = IPAddress(quad.joined(separator: ".")) else { return nil }
            self.address = address
        } else if name.ends(in: ["ip6", "arpa"]), labels.count == 34 {
            var digits: [UInt8] = []
            for label in labels.prefix(32).reversed() {
                guard label.count == 1, let first = label.first, let digit = Self.digit(first)
                else { return nil }
                digits.append(digit)
            }
            let bytes = stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            guard let address = IPAddress(bytes: bytes) else { return nil }
            self.address = address
        } else {
            return nil
        }
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
