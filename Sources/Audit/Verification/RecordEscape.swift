/// How characters are written that can't stand in a text of a record by themselves: because JSON forbids it, or
/// because they act on a terminal, reorder text or hide it.
enum RecordEscape {
    /// Whether the character is never written as itself.
    static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x22, 0x5c, 0..<0x20, 0x7f...0x9f, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f,
            0xfeff:
            true
        default: false
        }
    }

    /// Whether the byte is a character of ASCII that stands for itself.
    static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// The letter behind the backslash; nil for a character that is written by its number.
    static func letter(of scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "\"", "\\": UInt8(scalar.value)
        case "\u{8}": UInt8(ascii: "b")
        case "\t": UInt8(ascii: "t")
        case "\n": UInt8(ascii: "n")
        case "\u{c}": UInt8(ascii: "f")
        case "\r": UInt8(ascii: "r")
        default: nil
        }
    }

    /// The character that a letter behind a backslash stands for.
    static func scalar(of letter: UInt8) -> Unicode.Scalar? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): Unicode.Scalar(letter)
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "f"): "\u{c}"
        case UInt8(ascii: "r"): "\r"
        default: nil
        }
    }

    /// `u` and four digits for an escaped character without a letter; all of them lie below U+10000.
    static func number(of scalar: Unicode.Scalar) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [UInt8(ascii: "u")] + [12, 8, 4, 0].map { digits[Int(scalar.value >> $0 & 15)] }
    }
}
