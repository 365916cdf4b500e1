/// The checks on a text before libyaml sees it, and finding bytes by libyaml's character counts.
struct YAMLText {
    /// The largest text that is read, in bytes.
    static let largestSize = 1 << 20

    /// How many characters apart the landmarks are.
    private static let landmarkDistance = 256

    let bytes: [UInt8]
    private let isASCII: Bool
    /// Where to begin to count: from the start of the text each time, a file of many quoted values in another
    /// language than English would take many seconds.
    private let landmarks: [Int]

    /// Takes a text that can be shown to people as it is read by the parser.
    init(_ bytes: [UInt8]) throws(YAMLError) {
        guard bytes.count <= Self.largestSize else {
            throw YAMLError(.start, "the file is larger than 1 MiB", remedy: "split it with extends")
        }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) || bytes.starts(with: [0xff, 0xfe])
            || bytes.starts(with: [0xfe, 0xff])
        {
            throw YAMLError(
                .start, "the file begins with a byte order mark", remedy: "save it as UTF-8 without BOM")
        }
        self.bytes = bytes
        isASCII = try Self.check(bytes)
        landmarks = isASCII ? [] : Self.landmarks(in: bytes)
    }

    /// The bytes of a range that is counted in characters. Takes time in proportion to the range's length.
    func slice(characters range: Range<Int>) -> ArraySlice<UInt8> {
        if isASCII { return bytes[range.clamped(to: bytes.indices)] }
        let start = offset(ofCharacter: range.lowerBound, from: landmark(before: range.lowerBound))
        return bytes[start.offset..<offset(ofCharacter: range.upperBound, from: start).offset]
    }

    /// The last landmark that isn't after a character.
    private func landmark(before character: Int) -> (character: Int, offset: Int) {
        let index = min(character / Self.landmarkDistance, landmarks.count - 1)
        return (index * Self.landmarkDistance, landmarks[index])
    }

    /// Counts on to a character from one before it; at most to the end of the text.
    private func offset(
        ofCharacter character: Int, from start: (character: Int, offset: Int)
    ) -> (character: Int, offset: Int) {
        var (found, offset) = start
        while found < character, offset < bytes.endIndex {
            offset += 1
            while offset < bytes.endIndex, Self.isContinuation(bytes[offset]) { offset += 1 }
            found += 1
        }
        return (found, offset)
    }

    /// The offset of every so many characters, from the first one on.
    private static func landmarks(in bytes: [UInt8]) -> [Int] {
        var landmarks = [0]
        var count = 0
        for offset in bytes.indices where !isContinuation(bytes[offset]) {
            if count > 0, count.isMultiple(of: landmarkDistance) { landmarks.append(offset) }
            count += 1
        }
        return landmarks
    }

    private static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xc0 == 0x80
    }

    /// Whether the text is plain ASCII; throws at the first character that isn't acceptable.
    private static func check(_ bytes: [UInt8]) throws(YAMLError) -> Bool {
        guard let odd = bytes.firstIndex(where: { !($0 >= 0x20 && $0 < 0x7f || $0 == 0x0a) }) else {
            return true
        }
        var parser = UTF8.ForwardParser()
        var rest = bytes[odd...].makeIterator()
        var position = advance(.start, over: bytes[..<odd])
        var afterReturn = false
        var isASCII = true
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let encoded):
                let scalar = UTF8.decode(encoded)
                if let problem = problem(with: scalar, afterReturn: afterReturn) {
                    throw YAMLError(position, problem.what, remedy: problem.remedy)
                }
                isASCII = isASCII && scalar.isASCII
                afterReturn = scalar == "\r"
                position = advance(position, over: encoded)
            case .error:
                throw YAMLError(
                    position, "the file isn't UTF-8 here",
                    remedy:
                        "save it as UTF-8; bytes of a path that aren't UTF-8 are \"\\xNN\" in double quotes")
            case .emptyInput:
                guard !afterReturn else { throw loneReturn(position) }
                return isASCII
            }
        }
    }

    private static func problem(
        with scalar: Unicode.Scalar, afterReturn: Bool
    ) -> (what: String, remedy: String)? {
        if afterReturn && scalar != "\n" {
            return ("a carriage return without a line feed", "end lines with LF")
        }
        switch scalar.value {
        case 0: return ("a NUL byte in the file", "remove it")
        case 0x09, 0x0a, 0x0d: return nil
        case 0..<0x20, 0x7f..<0x85, 0x86..<0xa0: return ("a control character in the file", "remove it")
        // libyaml ends a line at these and editors don't: what looks like a comment could hold a rule.
        case 0x85, 0x2028, 0x2029: return ("a line end that editors don't show", "end lines with LF")
        // Text that is shown in another order than it is read (CVE-2021-42574).
        case 0x202a...0x202e, 0x2066...0x2069:
            return ("a character that reorders text", "remove the bidirectional control character")
        case 0xfeff: return ("a byte order mark in the file", "remove it")
        case 0xfffe, 0xffff: return ("a character that isn't one", "remove it")
        default: return nil
        }
    }

    private static func loneReturn(_ position: YAMLPosition) -> YAMLError {
        YAMLError(position, "a carriage return without a line feed", remedy: "end lines with LF")
    }

    /// The position after some whole characters.
    private static func advance(
        _ position: YAMLPosition, over bytes: some Collection<UInt8>
    ) -> YAMLPosition {
        var line = position.line
        var column = position.column
        for byte in bytes where byte & 0xc0 != 0x80 {
            if byte == 0x0a {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return YAMLPosition(line: line, column: column)
    }
}
