/// IPv4 and IPv6 addresses in their usual writing.
enum NetworkAddress {
    /// Checks an address.
    static func check(_ text: String) throws(ScalarError) {
        guard isAddress(text) else {
            throw ScalarError(
                "\(quoted(text)) isn't an address",
                remedy: "write it as in 10.2.3.4 or fd00::1, one address alone")
        }
    }

    /// Whether the text is an address.
    static func isAddress(_ text: String) -> Bool { isVersion4(text[...]) || isVersion6(text[...]) }

    /// Whether some program would take a name for an address: `1.2.3.4`, but also `127.1`, `0x7f.1` and
    /// `2130706433`, which inet_aton(3) accepts.
    static func looksLikeAddress(_ name: Substring) -> Bool {
        guard let last = name.split(separator: ".").last?.utf8 else { return false }
        return last.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            || (last.starts(with: "0x".utf8)) || name.contains(":")
    }

    private static func isVersion4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { Quantity.digits($0).map { $0 <= 255 } ?? false }
    }

    /// RFC 4291, 2.2: eight groups, `::` at most once, perhaps an IPv4 address in place of the last two.
    private static func isVersion6(_ text: Substring) -> Bool {
        guard text.contains(":"), text.utf8.count <= 45 else { return false }
        let halves = split(text)
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, part) in parts.enumerated() {
                let isLast = index == halves.count - 1 && place == parts.count - 1
                if isLast, isVersion4(part) {
                    groups += 2
                } else if (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit })
                {
                    groups += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    /// The text between the occurrences of `::`.
    private static func split(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] == ":", next < text.endIndex, text[next] == ":" {
                parts.append(text[start..<index])
                start = text.index(after: next)
                index = start
            } else {
                index = next
            }
        }
        return parts + [text[start...]]
    }
}
