/// One word of a POSIX shell's command, with its quotes taken off (XCU 2.2). Words that the shell would expand aren't
/// understood.
enum ShellWord {
    /// Reads a word up to a blank or the end.
    ///
    /// - Returns: the word and where it ends; nil when it is empty, isn't closed, or would be expanded.
    static func read(_ bytes: ArraySlice<UInt8>) -> (word: [UInt8], end: Int)? {
        var word: [UInt8] = []
        var position = bytes.startIndex
        let end = bytes.endIndex
        while position < end, !isBlank(bytes[position]) {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "'"):
                guard let close = bytes[(position + 1)...].firstIndex(of: byte) else { return nil }
                word += bytes[(position + 1)..<close]
                position = close + 1
            case UInt8(ascii: "\""):
                guard let close = readQuoted(bytes, from: position + 1, into: &word) else { return nil }
                position = close + 1
            case UInt8(ascii: "\\"):
                guard position + 1 < end, bytes[position + 1] != UInt8(ascii: "\n") else { return nil }
                word.append(bytes[position + 1])
                position += 2
            case _ where acts(byte): return nil
            default:
                word.append(byte)
                position += 1
            }
        }
        return position == bytes.startIndex ? nil : (word, position)
    }

    private static func readQuoted(
        _ bytes: ArraySlice<UInt8>, from start: Int, into word: inout [UInt8]
    ) -> Int? {
        var position = start
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: "\""): return position
            case UInt8(ascii: "$"), UInt8(ascii: "`"): return nil
            case UInt8(ascii: "\\"):
                guard position + 1 < bytes.endIndex else { return nil }
                let next = bytes[position + 1]
                // Before others the backslash stays (XCU 2.2.3). Claude Code also escapes `!`, which keeps it.
                if ![0x22, 0x24, 0x5c, 0x60].contains(next) { word.append(UInt8(ascii: "\\")) }
                word.append(next)
                position += 2
            default:
                word.append(bytes[position])
                position += 1
            }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    }

    /// What means something to a shell outside of quotes.
    private static func acts(_ byte: UInt8) -> Bool {
        Array("$`&|;<>()*?[]#~{}!".utf8).contains(byte) || byte < 0x20
    }
}
