/// Text for a terminal made from bytes that anybody may have chosen.
public enum PrintableText {
    /// The bytes as text in which nothing can act on a terminal or be mistaken for other bytes.
    ///
    /// Control characters (C0, DEL and C1), characters that reorder or hide text (CVE-2021-42574), the backslash
    /// and every byte that isn't part of well-formed UTF-8 become `\xNN`, which is also how a profile writes
    /// such a byte.
    public static func escape(_ bytes: some Collection<UInt8>) -> String {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text = ""
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var remaining = Array(bytes)[...]
        scanning: while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = UTF8.decode(encoded)
                append(scalar, bytes: remaining.prefix(encoded.count), to: &text)
                remaining = remaining.dropFirst(encoded.count)
            case .error(let length):
                for byte in remaining.prefix(length) { append(hex: byte, to: &text) }
                remaining = remaining.dropFirst(length)
            case .emptyInput:
                break scanning
            }
        }
        return text
    }

    private static func append(_ scalar: Unicode.Scalar, bytes: ArraySlice<UInt8>, to text: inout String) {
        if scalar == "\\" || acts(scalar) {
            for byte in bytes { append(hex: byte, to: &text) }
        } else {
            text.unicodeScalars.append(scalar)
        }
    }

    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
        default: false
        }
    }

    private static func append(hex byte: UInt8, to text: inout String) {
        let digits = Array("0123456789abcdef".unicodeScalars)
        text += "\\x"
        text.unicodeScalars.append(digits[Int(byte >> 4)])
        text.unicodeScalars.append(digits[Int(byte & 15)])
    }
}
