/// Reads one line of a log or ledger, and only in the form in which the writer would write the same value: no white
/// space, names ascending, one way to write each text and number.
///
/// What it takes is its own canonical form, byte for byte, so that nothing can be hidden from one reader and shown to
/// another by a doubled name or a second spelling.
public struct RecordParser {
    /// Objects and arrays in one another, the record itself counted.
    public static let maximumDepth = 8
    /// The bytes of a record without its newline.
    public static let maximumLength = 65_535
    /// Beyond it a number isn't exact in every reader of JSON (RFC 8259, section 6).
    static let numbers: ClosedRange<Int64> = -(1 << 53)...(1 << 53)

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var hash: Range<Int>?

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Reads a whole line of a log, without its newline.
    public static func parse(_ line: ArraySlice<UInt8>) throws(RecordSyntaxError) -> ParsedRecord {
        try parse(line, as: .record)
    }

    static func parse(_ line: ArraySlice<UInt8>, as place: Place) throws(RecordSyntaxError) -> ParsedRecord {
        var parser = RecordParser(line)
        guard line.count <= maximumLength else { throw parser.error("longer than a record can be") }
        guard parser.next == UInt8(ascii: "{") else { throw parser.error("not an object") }
        let value = try parser.object(at: place, depth: 1)
        guard parser.position == line.endIndex else { throw parser.error("something follows the record") }
        return ParsedRecord(value: value, line: line, hash: parser.hash)
    }

    /// Where an object stands, as far as it matters for finding the hash.
    enum Place {
        case record, unmapped, mews, elsewhere
        /// The object that is a line of the ledger.
        case entry

        fileprivate var holdsHash: Bool { self == .mews || self == .entry }

        fileprivate func member(_ name: String) -> Place {
            switch self {
            case .record where name == "unmapped": .unmapped
            case .unmapped where name == "mews": .mews
            default: .elsewhere
            }
        }
    }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func error(_ problem: String) -> RecordSyntaxError {
        RecordSyntaxError(offset: position - bytes.startIndex, problem: problem)
    }

    private mutating func expect(_ byte: UInt8, _ problem: String) throws(RecordSyntaxError) {
        guard next == byte else { throw error(problem) }
        position += 1
    }

    private mutating func value(at place: Place, depth: Int) throws(RecordSyntaxError) -> RecordValue {
        switch next {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "{"): return try object(at: place, depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        default: return .number(try number())
        }
    }

    private mutating func object(at place: Place, depth: Int) throws(RecordSyntaxError) -> RecordValue {
        guard depth <= Self.maximumDepth else { throw error("too deep") }
        position += 1
        var members: [RecordMember] = []
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            let start = position
            let name = try text()
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfName) else {
                position = start
                throw error("not a name of a member")
            }
            if let last = members.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
                position = start
                throw error("names out of order or doubled")
            }
            try expect(UInt8(ascii: ":"), "no `:`")
            let value = try value(at: place.member(name), depth: depth + 1)
            members.append(RecordMember(name: name, value: value))
            let isLast = next != UInt8(ascii: ",")
            // With the comma behind it, where a member always follows: what is hashed stands without both.
            if place.holdsHash, name == "hash", !isLast { hash = start..<position + 1 }
            if isLast {
                try expect(UInt8(ascii: "}"), "neither `,` nor `}`")
                return .object(members)
            }
            position += 1
        }
    }

    private mutating func list(depth: Int) throws(RecordSyntaxError) -> RecordValue {
        guard depth <= Self.maximumDepth else { throw error("too deep") }
        position += 1
        var items: [RecordValue] = []
        if next == UInt8(ascii: "]") {
            position += 1
            return .list(items)
        }
        while true {
            items.append(try value(at: .elsewhere, depth: depth + 1))
            if next != UInt8(ascii: ",") {
                try expect(UInt8(ascii: "]"), "neither `,` nor `]`")
                return .list(items)
            }
            position += 1
        }
    }

    private mutating func word(
        _ word: StaticString, _ value: RecordValue
    ) throws(RecordSyntaxError) -> RecordValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.endIndex, bytes[position..<end].elementsEqual(word.description.utf8) else {
            throw error("not a value")
        }
        position = end
        return value
    }

    /// An integer of 64 bits without leading zeros; no fraction, no exponent, no negative zero.
    private mutating func number() throws(RecordSyntaxError) -> Int64 {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        let digits = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let isSpelledOnce =
            bytes[digits..<position].first != UInt8(ascii: "0") || (position == digits + 1 && digits == start)
        guard position > digits, position - start <= 17, isSpelledOnce, let number = Int64(text),
            Self.numbers.contains(number)
        else {
            position = start
            throw error("not a value that a record can hold")
        }
        return number
    }

    /// Lower-case letters, digits, `_`, `.` and `-`.
    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Text between quotes, each character in its one spelling.
    private mutating func text() throws(RecordSyntaxError) -> String {
        try expect(UInt8(ascii: "\""), "no text")
        let start = position
        // Most texts are of plain characters only and are taken in one piece.
        while let byte = next, RecordEscape.isPlain(byte) { position += 1 }
        if next == UInt8(ascii: "\"") {
            let plain = String(decoding: bytes[start..<position], as: UTF8.self)
            position += 1
            return plain
        }
        var found = String(decoding: bytes[start..<position], as: UTF8.self)
        while let byte = next, byte != UInt8(ascii: "\"") {
            found.unicodeScalars.append(byte == UInt8(ascii: "\\") ? try escaped() : try character())
        }
        try expect(UInt8(ascii: "\""), "text without an end")
        return found
    }

    /// A character that stands for itself.
    private mutating func character() throws(RecordSyntaxError) -> Unicode.Scalar {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes[position...].makeIterator()
        guard case .valid(let encoded) = decoder.parseScalar(from: &iterator) else {
            throw error("text that isn't UTF-8")
        }
        let scalar = UTF8.decode(encoded)
        guard !RecordEscape.isEscaped(scalar) else { throw error("a character that isn't escaped") }
        position += encoded.count
        return scalar
    }

    /// What a backslash and what follows it stand for: only characters that have to be escaped, each in its one way.
    private mutating func escaped() throws(RecordSyntaxError) -> Unicode.Scalar {
        let rest = bytes[(position + 1)...]
        if let letter = rest.first, let scalar = RecordEscape.scalar(of: letter) {
            position += 2
            return scalar
        }
        let digits = rest.dropFirst().prefix(4)
        guard rest.first == UInt8(ascii: "u"), digits.count == 4,
            let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(number), RecordEscape.isEscaped(scalar),
            RecordEscape.letter(of: scalar) == nil,
            rest.prefix(5).elementsEqual(RecordEscape.number(of: scalar))
        else { throw error("an escape that isn't used") }
        position += 6
        return scalar
    }
}
