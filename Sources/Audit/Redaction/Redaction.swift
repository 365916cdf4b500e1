/// Takes secrets out of command lines and text like them before they are written down.
///
/// It works on form: names that say secret, and tokens that can be told by their beginning. It errs towards taking
/// out too much, but for paths, which a record is often about. What has neither a telling name nor a telling form
/// stays; the profile's `audit.redact` is for that.
public struct Redaction: Sendable {
    /// What stands for a secret.
    public static let marker = Array("[redacted]".utf8)

    /// A text without its secrets.
    public struct Text: Hashable, Sendable {
        /// What is left, with the marker where something was taken out.
        public var bytes: [UInt8]
        /// How many pieces were taken out.
        public var replaced: Int
    }

    /// A command line without its secrets.
    public struct CommandLine: Hashable, Sendable {
        /// The words that are kept, the last one possibly shortened.
        public var words: [[UInt8]] = []
        /// How many pieces were taken out of them.
        public var replaced = 0
        /// How many words were left out or shortened.
        public var cut = 0
    }

    private let literals: [LiteralSearch]

    /// Makes one for a session.
    ///
    /// - Parameter literals: texts that are always taken out, such as those of `audit.redact`. Each occurrence
    ///   becomes the marker, so that very short ones make text longer.
    public init(literals: [[UInt8]] = []) {
        self.literals = literals.compactMap(LiteralSearch.init)
    }

    /// Takes the secrets out of text such as a shell's command or `NAME=VALUE`, in time linear in its length.
    public func redact(_ text: [UInt8]) -> Text {
        redact(text) { SecretScanner.findInText($0) }
    }

    /// Takes the secrets out of a command line, whose words may name a secret in the next one, and keeps at most
    /// `limit` bytes of it.
    public func redact(words: [[UInt8]], limit: Int = 8192) -> CommandLine {
        var line = CommandLine()
        var context = WordContext()
        var room = limit
        // What lies behind the limit can tell that what lies before it is a secret.
        let sight = limit + max(1024, literals.map(\.length).max() ?? 0)
        for word in words {
            guard room > 0 else {
                line.cut += 1
                continue
            }
            let seen = word.count > sight ? Array(word[..<sight]) : word
            let before = context
            var found = redact(seen) {
                context = before
                return context.findSecrets(in: $0)
            }
            let kept = Self.cutPlace(found.bytes, room)
            if kept < found.bytes.count || seen.count < word.count { line.cut += 1 }
            found.bytes.removeLast(found.bytes.count - kept)
            line.words.append(found.bytes)
            line.replaced += found.replaced
            room -= kept
        }
        return line
    }

    /// Once something is taken out, what is left can read differently: a quote may have gone. So it is read until
    /// there is nothing to be found any more, which mostly is at once.
    private func redact(_ text: [UInt8], _ find: ([UInt8]) -> [Range<Int>]) -> Text {
        var text = Text(bytes: text, replaced: 0)
        for _ in 0..<Self.mostReadings {
            var ranges = find(text.bytes)
            for literal in literals { literal.find(in: text.bytes, into: &ranges) }
            let replaced = Self.replace(ranges, in: &text.bytes)
            if replaced == 0 { break }
            text.replaced += replaced
        }
        return text
    }

    private static let mostReadings = 8

    /// Puts the marker in the place of each range; where they overlap, of all of them together. A marker that is
    /// there already stays as it is, so that what was redacted once isn't changed again.
    ///
    /// - Returns: how many pieces were taken out.
    private static func replace(_ ranges: [Range<Int>], in bytes: inout [UInt8]) -> Int {
        if ranges.isEmpty { return 0 }
        var markers: [Range<Int>] = []
        LiteralSearch(marker)?.find(in: bytes, into: &markers)
        let known = Set(markers)
        var replaced = 0
        var text: [UInt8] = []
        var next = 0
        var all = (ranges + markers).sorted { $0.lowerBound < $1.lowerBound }[...]
        while var range = all.popFirst() {
            while let other = all.first, other.lowerBound < range.upperBound {
                range = range.lowerBound..<max(range.upperBound, other.upperBound)
                all.removeFirst()
            }
            if range.isEmpty { continue }
            text += bytes[next..<range.lowerBound] + marker
            next = range.upperBound
            if !known.contains(range) { replaced += 1 }
        }
        if replaced > 0 { bytes = text + bytes[next...] }
        return replaced
    }

    /// How much of a text is kept: neither half a marker nor half a character.
    private static func cutPlace(_ bytes: [UInt8], _ room: Int) -> Int {
        guard bytes.count > room else { return bytes.count }
        var place = room
        for start in max(0, room - marker.count + 1)..<room
        where bytes[start...].starts(with: marker) {
            place = min(place, start)
        }
        while place > 0, room - place < marker.count + 4, bytes[place] & 0xc0 == 0x80 { place -= 1 }
        return place
    }
}
