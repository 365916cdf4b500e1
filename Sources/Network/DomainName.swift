import Linux

/// A host name in its one canonical form: lower-case ASCII labels, no final dot.
///
/// Everything that is compared with a rule, asked of a name server or put into a request has been made here, so what
/// was checked is what is used.
public struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// The name.
    public let text: String

    /// The most bytes of a name (RFC 1035, 2.3.4).
    public static let most = 253

    /// Checks a name that came from outside. Letters, digits, `-` and `_` in labels of 1 to 63 bytes, one final dot
    /// at most; nothing that a program might take for an address (`127.1`, `0x7f.1`, `2130706433`).
    ///
    /// - Returns: nil for anything else.
    public init?(_ bytes: some Collection<UInt8>) {
        var name = bytes.map(\.lowered)
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        guard !name.isEmpty, name.count <= Self.most else { return nil }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy(Self.isLabel), let last = labels.last, !Self.looksNumeric(last) else {
            return nil
        }
        text = String(decoding: name, as: UTF8.self)
    }

    /// Checks a name.
    public init?(_ text: some StringProtocol) {
        self.init(Array(text.utf8))
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// The name without its first label; nil for a name of one.
    public var parent: DomainName? {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        return DomainName(unchecked: String(text[text.utf8.index(after: dot)...]))
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy {
                ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z"))
                    || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == hyphen
                    || $0 == UInt8(ascii: "_")
            }
    }

    /// Whether inet_aton(3) might read a name that ends so (WHATWG URL, "ends in a number").
    private static func looksNumeric(_ label: ArraySlice<UInt8>) -> Bool {
        label.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            || label.starts(with: "0x".utf8)
    }

    /// The name.
    public var description: String { text }
}
