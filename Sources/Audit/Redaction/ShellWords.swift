/// Takes a shell's command apart as far as finding secrets needs it: words, with what separates commands. A word
/// that is quoted as a whole comes without its quotation marks; what is quoted within a word stays as it is.
struct ShellWords {
    /// A part of a command.
    enum Piece {
        case word(ArraySlice<UInt8>)
        /// `;`, `|`, `&`, a parenthesis or a line's end.
        case separator
    }

    private let text: ArraySlice<UInt8>
    private var place: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        place = text.startIndex
    }

    mutating func next() -> Piece? {
        while place < text.endIndex, Bytes.isSpace(text[place]), text[place] != UInt8(ascii: "\n") {
            place += 1
        }
        guard place < text.endIndex else { return nil }
        if Self.separates(text[place]) {
            place += 1
            return .separator
        }
        let start = place
        var isWhole = false
        while place < text.endIndex, !Self.separates(text[place]), !Bytes.isSpace(text[place]) {
            let byte = text[place]
            place += 1
            if byte == UInt8(ascii: "\\") {
                place = min(place + 1, text.endIndex)
            } else if Bytes.isQuote(byte) {
                let isFirst = place == start + 1
                skipQuoted(byte)
                isWhole = isFirst
                continue
            }
            isWhole = false
        }
        let word = text[start..<place]
        return .word(
            isWhole && word.count > 1 ? word.dropFirst().dropLast(word.last == word.first ? 1 : 0) : word)
    }

    private mutating func skipQuoted(_ mark: UInt8) {
        while place < text.endIndex, text[place] != mark {
            place += text[place] == UInt8(ascii: "\\") && mark != UInt8(ascii: "'") ? 2 : 1
        }
        place = min(place + 1, text.endIndex)
    }

    private static func separates(_ byte: UInt8) -> Bool {
        [UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "("), UInt8(ascii: ")"), 0x0a]
            .contains(byte)
    }
}
