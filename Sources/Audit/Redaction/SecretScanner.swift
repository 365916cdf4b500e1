import Linux

/// Finds secrets by what stands around them, anywhere in a text: assignments, headers, addresses with a password,
/// tokens of known shape, private keys.
struct SecretScanner {
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    private var found: [Range<Int>] = []
    private var ends: [Ending: Range<Int>] = [:]

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// Text that may be a shell's: its words are looked at as words as well.
    static func findInText(_ bytes: [UInt8]) -> [Range<Int>] {
        var context = WordContext()
        return find(in: bytes[...]) + context.findSecrets(inShell: bytes[...], depth: 0)
    }

    /// Where secrets stand.
    static func find(in bytes: ArraySlice<UInt8>) -> [Range<Int>] {
        var scanner = SecretScanner(bytes)
        scanner.scan()
        return scanner.found
    }

    private mutating func scan() {
        while place < bytes.endIndex {
            let byte = bytes[place]
            if Bytes.isNamePart(byte) {
                scanName()
            } else if byte == UInt8(ascii: ":"), bytes[place...].starts(with: "://".utf8) {
                place += 3
                scanAuthority()
            } else {
                place += 1
            }
        }
    }

    /// A run of what names are made of: a token, the word before one, or a name with its value.
    private mutating func scanName() {
        let start = place
        var end = place
        while end < bytes.endIndex, Bytes.isNamePart(bytes[end]) {
            let isBoundary =
                end == start || !(Bytes.isLetter(bytes[end - 1]) || Bytes.isDigit(bytes[end - 1]))
            if isBoundary, let token = TokenShape.end(in: bytes, at: end) {
                found.append(end..<token)
                end = token
            } else {
                end += 1
            }
        }
        place = end
        let name = bytes[start..<end]
        if name.elementsEqual("-----BEGIN".utf8) { return scanPrivateKey(start) }
        if name.count == 6, name.map(\.lowered).elementsEqual("bearer".utf8) { return scanBearer() }
        guard let value = valueStart(after: end), let kind = SecretNames.kind(of: name) else { return }
        if value.isHeader, isLongHeader(name) {
            take(value.start..<lineEnd(value.start))
        } else {
            takeValue(at: value.start, kind)
        }
    }

    /// Notes a secret and goes on with what stands in it: a quotation mark that was left open before makes the
    /// text read wrongly, and the next name may stand in what looks like a value.
    private mutating func take(_ range: Range<Int>) {
        if !range.isEmpty { found.append(range) }
        place = max(place, range.lowerBound)
    }

    /// The next place at which a value ends. Values within a value end where it ends, so that looking for it again
    /// for each would take the square of the time.
    private mutating func end(_ kind: Ending, from start: Int, _ isEnd: (UInt8) -> Bool) -> Int {
        if let known = ends[kind], known.contains(start) { return known.upperBound }
        var next = start
        while next < bytes.endIndex, !isEnd(bytes[next]) {
            let isHidden = kind == .quotation && bytes[next] == UInt8(ascii: "\\")
            next += isHidden ? 2 : 1
        }
        next = min(next, bytes.endIndex)
        ends[kind] = start..<next
        return next
    }

    /// What ends a value.
    private enum Ending {
        case line, blank, quotation, apostrophe, backtick, escape
    }

    /// Where the value behind a name begins: `name=value`, `name: value`, `"name": "value"`, `name => value`.
    private func valueStart(after end: Int) -> (start: Int, isHeader: Bool)? {
        var next = end
        if next < bytes.endIndex, bytes[next] == UInt8(ascii: "\\") { next += 1 }
        if next < bytes.endIndex, Bytes.isQuote(bytes[next]) { next += 1 }
        let blank = next
        next = skipBlanks(next)
        guard next < bytes.endIndex else { return nil }
        let sign = bytes[next]
        guard sign == UInt8(ascii: "=") || sign == UInt8(ascii: ":") else { return nil }
        // `name = value` is an assignment in a file; in a shell `name =value` is none, and not worth telling apart.
        let isSpaced = next > blank
        next += 1
        while next < bytes.endIndex, bytes[next] == UInt8(ascii: "=") || bytes[next] == UInt8(ascii: ">") {
            next += 1
        }
        let start = sign == UInt8(ascii: ":") || isSpaced ? skipBlanks(next) : next
        return start < bytes.endIndex ? (start, sign == UInt8(ascii: ":")) : nil
    }

    private func skipBlanks(_ start: Int) -> Int {
        var next = start
        while next < bytes.endIndex, bytes[next] == UInt8(ascii: " ") || bytes[next] == UInt8(ascii: "\t") {
            next += 1
        }
        return next
    }

    /// Headers whose value has blanks in it.
    private func isLongHeader(_ name: ArraySlice<UInt8>) -> Bool {
        let lowered = name.map(\.lowered)
        return lowered.suffix(13).elementsEqual("authorization".utf8)
            || lowered.suffix(6).elementsEqual("cookie".utf8)
    }

    /// The end of a header's line: also a quotation mark, because a header is often a word of a shell's.
    private mutating func lineEnd(_ start: Int) -> Int {
        end(.line, from: start) { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || Bytes.isQuote($0) }
    }

    private mutating func takeValue(at start: Int, _ kind: SecretNames.Kind) {
        let value = valueRange(at: start)
        if kind == .secretOrPath, SecretValues.isPath(bytes[value]) {
            place = max(place, value.lowerBound)
        } else {
            take(value)
        }
    }

    /// A value: between quotation marks, possibly escaped ones, or up to a blank, a quotation mark or `&`.
    private mutating func valueRange(at start: Int) -> Range<Int> {
        // What was taken out before.
        if bytes[start...].starts(with: Redaction.marker) { return start..<(start + Redaction.marker.count) }
        let backslash = UInt8(ascii: "\\")
        let isEscaped = bytes[start] == backslash && start + 1 < bytes.endIndex
        let opening = isEscaped ? start + 1 : start
        let mark = bytes[opening]
        guard Bytes.isQuote(mark) else {
            return
                start..<end(.blank, from: start) {
                    Bytes.isSpace($0) || Bytes.isQuote($0) || $0 == UInt8(ascii: "&")
                }
        }
        let inside = opening + 1
        // A backslash is itself what ends a value that begins with one.
        if isEscaped { return inside..<end(.escape, from: inside) { $0 == backslash || $0 == mark } }
        let kind: Ending =
            switch mark {
            case UInt8(ascii: "\""): .quotation
            case UInt8(ascii: "'"): .apostrophe
            default: .backtick
            }
        return inside..<end(kind, from: inside) { $0 == mark }
    }

    private mutating func scanBearer() {
        let start = skipBlanks(place)
        guard start > place, start < bytes.endIndex else { return }
        take(valueRange(at: start))
    }

    /// The user's part of an address.
    private mutating func scanAuthority() {
        let sight = bytes[place..<min(bytes.endIndex, place + 2048)]
        let word = sight.prefix { !Bytes.isSpace($0) && !Bytes.isQuote($0) }
        let at = UInt8(ascii: "@")
        var authority = word.prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        if !authority.contains(at), let colon = authority.firstIndex(of: UInt8(ascii: ":")),
            authority.first != UInt8(ascii: "["),
            !authority[(colon + 1)...].allSatisfy(Bytes.isDigit)
        {
            // What follows the colon is no port, so a password with a slash in it.
            authority = word
        }
        guard let sign = authority.lastIndex(of: at) else { return }
        let user = bytes[place..<sign]
        if !user.elementsEqual("git".utf8) { take(place..<sign) }
    }

    /// A private key in PEM (RFC 7468), to the end of its last line or of the text.
    private mutating func scanPrivateKey(_ start: Int) {
        let label = bytes[place...].prefix(64)
        guard SecretValues.contains(label, "PRIVATE KEY") else { return }
        let ending = Array("-----END".utf8)
        var next = place
        while next < bytes.endIndex, bytes[next] != ending[0] || !bytes[next...].starts(with: ending) {
            next += 1
        }
        // The line of the ending itself.
        let end =
            bytes[next...].firstIndex { $0 == UInt8(ascii: "\n") || Bytes.isQuote($0) } ?? bytes.endIndex
        take(start..<end)
    }
}
