import Linux

extension UInt8 {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let colon = UInt8(ascii: ":")
    static let space = UInt8(ascii: " ")

    /// SP or HTAB, what HTTP calls white space within a line (RFC 9110, 5.6.3).
    var isBlank: Bool { self == .space || self == UInt8(ascii: "\t") }

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Whether it may be a part of a method or of a field's name (RFC 9110, 5.6.2, `tchar`).
    var isToken: Bool {
        if isDigit || (lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z")) { return true }
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    /// A control character, but for HTAB.
    var isControl: Bool { (self < 0x20 && self != UInt8(ascii: "\t")) || self == 0x7f }
}

extension Collection<UInt8> {
    /// Whether it is a word that is given in lower case, but for the case of ASCII letters.
    func isSame(as word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in
            var index = 0
            for byte in self {
                guard unsafe byte.lowered == word[index] else { return false }
                index += 1
            }
            return true
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without white space at its ends.
    var trimmed: ArraySlice<UInt8> {
        var rest = drop { $0.isBlank }
        while let last = rest.last, last.isBlank { rest.removeLast() }
        return rest
    }
}
