extension Redaction {
    /// What is looked through of a command line; how much of that a record has room for is cut, and said, later.
    private static let mostBytes = 65_536

    /// Takes secrets, and the texts that the profile lists, out of a command's arguments.
    static func recording(_ arguments: [[UInt8]], without listed: [[UInt8]]) -> CommandLine {
        Redaction(literals: listed).redact(words: arguments, limit: mostBytes)
    }
}

extension Redaction.CommandLine {
    /// The words as sh(1) would read them, on one line.
    var quoted: [UInt8] {
        var line: [UInt8] = []
        for (index, word) in words.enumerated() {
            if index > 0 { line.append(UInt8(ascii: " ")) }
            if !word.isEmpty, word.allSatisfy(Self.isPlain) {
                line += word
                continue
            }
            line.append(UInt8(ascii: "'"))
            for byte in word {
                if byte == UInt8(ascii: "'") { line += Array("'\\''".utf8) } else { line.append(byte) }
            }
            line.append(UInt8(ascii: "'"))
        }
        return line
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "@%+=:,./_-".utf8.contains(byte)
        }
    }
}
