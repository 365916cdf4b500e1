extension RecordValue {
    /// The one form in which a log holds the value; what the parser read gives the same bytes again.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .flag(let flag): bytes += (flag ? "true" : "false").utf8
        case .number(let number): bytes += String(number).utf8
        case .text(let text): Self.write(text, to: &bytes)
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            if !RecordEscape.isEscaped(scalar) {
                bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                continue
            }
            bytes.append(UInt8(ascii: "\\"))
            if let letter = RecordEscape.letter(of: scalar) {
                bytes.append(letter)
            } else {
                bytes += RecordEscape.number(of: scalar)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
