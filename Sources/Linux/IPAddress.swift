/// An IPv4 or IPv6 address.
///
/// An IPv4-mapped address (`::ffff:10.0.0.1`, RFC 4291, 2.5.5.2) is the IPv4 address: that is what the kernel
/// connects to, and a dual-stack listener names its IPv4 clients so.
public struct IPAddress: Hashable, Sendable {
    /// The upper and lower half, in the order of reading; IPv4 in the mapped form.
    public let high: UInt64
    /// The lower half.
    public let low: UInt64

    private static let mappedPrefix: UInt64 = 0xffff << 32

    /// Joins the halves of the IPv6 form.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 127.0.0.1, at which a machine reaches itself.
    public static var loopback: IPAddress { IPAddress(version4: 0x7f00_0001) }

    /// An IPv4 address as a number: 127.0.0.1 is 0x7f000001.
    public init(version4 number: UInt32) {
        self.init(high: 0, low: Self.mappedPrefix | UInt64(number))
    }

    /// Four or sixteen bytes in network order; nil for any other number of them.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(version4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self.init(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// The IPv4 address as a number; nil for IPv6.
    public var version4: UInt32? {
        high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// Sixteen bytes in network order, IPv4 in the mapped form.
    public var bytes: [UInt8] {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
    }

    /// 127.0.0.0/8 and ::1.
    public var isLoopback: Bool {
        if let version4 { return version4 >> 24 == 127 }
        return high == 0 && low == 1
    }
}

extension IPAddress {
    /// Reads the usual writing and no other: `10.2.3.4` without leading zeros, or what RFC 4291, 2.2 calls the
    /// text form of an IPv6 address, without brackets and without a zone.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(bytes) else { return nil }
            let halves = [groups[..<4], groups[4...]].map { $0.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
            self.init(high: halves[0], low: halves[1])
        } else {
            guard let number = Self.dottedQuad(bytes[...]) else { return nil }
            self.init(version4: number)
        }
    }

    private static func dottedQuad(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
            else { return nil }
            let value = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - UInt8(ascii: "0")) }
            guard value <= 255 else { return nil }
            number = number << 8 | value
        }
        return number
    }

    /// Eight groups of sixteen bits; `::` once at most, an IPv4 address perhaps in place of the last two.
    private static func groups(_ text: [UInt8]) -> [UInt16]? {
        guard text.count <= 45 else { return nil }
        let colon = UInt8(ascii: ":")
        guard
            let gap = text.indices.first(where: {
                $0 + 1 < text.count && text[$0] == colon && text[$0 + 1] == colon
            })
        else { return list(text[...]).flatMap { $0.count == 8 ? $0 : nil } }
        let rest = text[(gap + 2)...]
        guard rest.first != colon,
            let before = gap == 0 ? [] : list(text[..<gap], mayEndInQuad: false),
            let after = rest.isEmpty ? [] : list(rest), before.count + after.count <= 7
        else { return nil }
        return before + [UInt16](repeating: 0, count: 8 - before.count - after.count) + after
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f"))
    }

    private static func list(_ text: ArraySlice<UInt8>, mayEndInQuad: Bool = true) -> [UInt16]? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInQuad, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let quad = dottedQuad(part) else { return nil }
                groups += [UInt16(quad >> 16), UInt16(truncatingIfNeeded: quad)]
            } else {
                // UInt16 would take a sign as well: `-0` is 0.
                guard (1...4).contains(part.count), part.allSatisfy(isHexadecimal),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// The usual writing: RFC 5952 for IPv6.
    public var description: String {
        if let version4 {
            return stride(from: 24, through: 0, by: -8).map { "\(version4 >> UInt32($0) & 0xff)" }
                .joined(separator: ".")
        }
        let groups = [high, low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { UInt16(truncatingIfNeeded: half >> $0) }
        }
        let gap = Self.longestGap(groups)
        let texts = groups.map { String($0, radix: 16) }
        guard let gap else { return texts.joined(separator: ":") }
        return texts[..<gap.lowerBound].joined(separator: ":") + "::"
            + texts[gap.upperBound...].joined(separator: ":")
    }

    /// The first longest run of two or more zero groups.
    private static func longestGap(_ groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (longest?.count ?? 0) { longest = start..<end }
            start = max(end, start) + 1
        }
        return longest
    }
}
