extension YAMLScalar {
    /// Reads a double-quoted scalar from its source, `\xNN` as that byte rather than as U+00NN.
    ///
    /// - Returns: nil when there is no `\x` in it, so that the text says the same, and when it is spread
    ///   over several lines: then folding applies, and the text is what YAML says.
    static func escapedBytes(_ source: ArraySlice<UInt8>) -> [UInt8]? {
        guard source.count >= 2, !source.contains(0x0a) else { return nil }
        var bytes: [UInt8] = []
        var hasByteEscape = false
        var rest = source.dropFirst().dropLast()
        while let next = rest.popFirst() {
            guard next == UInt8(ascii: "\\") else {
                bytes.append(next)
                continue
            }
            guard let name = rest.popFirst() else { return nil }
            switch name {
            case UInt8(ascii: "x"):
                guard let value = hexadecimal(&rest, digits: 2) else { return nil }
                hasByteEscape = true
                bytes.append(UInt8(truncatingIfNeeded: value))
            case UInt8(ascii: "u"), UInt8(ascii: "U"):
                let digits = name == UInt8(ascii: "u") ? 4 : 8
                guard let scalar = hexadecimal(&rest, digits: digits).flatMap(Unicode.Scalar.init) else {
                    return nil
                }
                bytes.append(contentsOf: Character(scalar).utf8)
            default:
                guard let scalar = single(name) else { return nil }
                bytes.append(contentsOf: Character(scalar).utf8)
            }
        }
        return hasByteEscape ? bytes : nil
    }

    private static func hexadecimal(_ rest: inout ArraySlice<UInt8>, digits: Int) -> UInt32? {
        guard rest.count >= digits else { return nil }
        let text = String(decoding: rest.prefix(digits), as: UTF8.self)
        rest = rest.dropFirst(digits)
        return UInt32(text, radix: 16)
    }

    /// The character of an escape of one letter (YAML 1.1, 5.7).
    private static func single(_ name: UInt8) -> Unicode.Scalar? {
        switch Unicode.Scalar(name) {
        case "0": "\0"
        case "a": "\u{07}"
        case "b": "\u{08}"
        case "t", "\t": "\t"
        case "n": "\n"
        case "v": "\u{0b}"
        case "f": "\u{0c}"
        case "r": "\r"
        case "e": "\u{1b}"
        case " ": " "
        case "\"": "\""
        case "/": "/"
        case "\\": "\\"
        case "N": "\u{85}"
        case "_": "\u{a0}"
        case "L": "\u{2028}"
        case "P": "\u{2029}"
        default: nil
        }
    }
}
