/// Text and bytes that others have chosen.
extension CanonicalWriter {
    /// A member that is text.
    mutating func text(_ name: StaticString, _ value: String) {
        text(name, Array(value.utf8))
    }

    /// A member that is bytes: with replacements for what isn't UTF-8, and then with all of them in base64
    /// beside it.
    mutating func text(_ name: StaticString, _ value: [UInt8]) {
        let length = limits.length(of: value)
        if length < value.count { noteCut(name.description, count: value.count) }
        self.name(name)
        if !append(quoted: value, length) {
            append(",\"")
            append(name)
            append("_b64\":")
            append(base64: value, length)
        }
    }

    /// A member that is an array of texts.
    mutating func texts(_ name: StaticString, _ values: [[UInt8]]) {
        let count = limits.count(of: values.lazy.map(\.count))
        if count < values.count { noteCut(name.description, count: values.count) }
        var isText = true
        array(name, count: count) { writer, index in
            let length = writer.limits.length(of: values[index])
            if length < values[index].count { writer.noteCut(String(index), count: values[index].count) }
            if !writer.append(quoted: values[index], length) { isText = false }
        }
        if isText { return }
        append(",\"")
        append(name)
        append("_b64\":[")
        for index in 0..<count {
            if index > 0 { append(",") }
            append(base64: values[index], limits.length(of: values[index]))
        }
        append("]")
    }

    /// A member with a name that is known only now, in an object of numbers.
    mutating func number(named name: String, _ value: Int) {
        startMember()
        append("\"")
        append(name.utf8)
        append("\":")
        append(String(value).utf8)
    }

    /// Bytes as a string with its quotes.
    ///
    /// - Returns: whether they are well-formed UTF-8.
    mutating func append(quoted value: [UInt8], _ length: Int) -> Bool {
        append("\"")
        defer { append("\"") }
        var isWellFormed = true
        var plain = 0
        var place = 0
        while place < length {
            let byte = value[place]
            if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                place += 1
                continue
            }
            let sequence = UTF8Sequence(value, at: place)
            // What a cut leaves of a sequence isn't one.
            let end = min(place + sequence.length, length)
            if let scalar = sequence.scalar, end == place + sequence.length {
                if Self.isEscaped(scalar) {
                    append(value[plain..<place])
                    append(escaped: scalar)
                    plain = end
                }
            } else {
                append(value[plain..<place])
                append("\u{fffd}")
                plain = end
                isWellFormed = false
            }
            place = end
        }
        append(value[plain..<length])
        return isWellFormed
    }

    /// Whether a character acts on a terminal, or reorders or hides text.
    private static func isEscaped(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0..<0x20, 0x22, 0x5c, 0x7f...0x9f: true
        case 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
        default: false
        }
    }

    private mutating func append(escaped scalar: UInt32) {
        switch scalar {
        case 0x22: append("\\\"")
        case 0x5c: append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0a: append("\\n")
        case 0x0c: append("\\f")
        case 0x0d: append("\\r")
        default:
            append("\\u")
            append(hexadecimal: [UInt8(scalar >> 8), UInt8(scalar & 0xff)])
        }
    }

    /// Bytes in base64 (RFC 4648, section 4) with their quotes.
    private mutating func append(base64 value: [UInt8], _ length: Int) {
        append("\"")
        var place = 0
        while place < length {
            let count = min(3, length - place)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(value[place + index]) : 0) }
            for index in 0..<4 {
                let digit = UInt8(group >> UInt32(18 - index * 6) & 63)
                append(CollectionOfOne(index <= count ? Self.base64Digit(digit) : UInt8(ascii: "=")))
            }
            place += 3
        }
        append("\"")
    }

    private static func base64Digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
