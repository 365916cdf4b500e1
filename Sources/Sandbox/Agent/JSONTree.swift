/// A JSON text (RFC 8259) with the place of each value in it, so that a file can be changed in one place and kept byte
/// for byte in all others. Bounded in depth; a member that stands twice is an error, because readers differ on it.
public struct JSONTree: Sendable {
    /// One value.
    public struct Value: Sendable {
        /// What it is.
        public indirect enum Kind: Sendable {
            /// An object; its members in their order.
            case object([Member])
            /// An array.
            case array([Value])
            /// A string, its escapes resolved.
            case text(String)
            /// A number, as it is written.
            case number
            /// `true` or `false`.
            case flag(Bool)
            /// `null`.
            case null
        }

        /// What it is.
        public let kind: Kind
        /// Where it stands.
        public let range: Range<Int>
    }

    /// A member of an object.
    public struct Member: Sendable {
        /// The name.
        public let name: String
        /// Where the name begins, with its quotation mark.
        public let start: Int
        /// The value.
        public let value: Value
    }

    /// The text isn't JSON, or is deeper than a reader should have to go.
    public struct Malformed: Error {
        /// Where in the text.
        public let position: Int
    }

    /// The outermost value.
    public let root: Value

    private static let greatestDepth = 64

    /// Reads a text as a whole.
    public init(_ bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes: bytes)
        root = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw Malformed(position: reader.position) }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipSpace() {
            while let byte = peek, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            position += 1
            return true
        }

        mutating func value(depth: Int) throws(Malformed) -> Value {
            guard depth <= JSONTree.greatestDepth else { throw Malformed(position: position) }
            skipSpace()
            let start = position
            let kind: Value.Kind
            switch peek {
            case UInt8(ascii: "{"): kind = .object(try members(depth))
            case UInt8(ascii: "["): kind = .array(try elements(depth))
            case UInt8(ascii: "\""): kind = .text(try text())
            case UInt8(ascii: "t"): kind = try word("true", .flag(true))
            case UInt8(ascii: "f"): kind = try word("false", .flag(false))
            case UInt8(ascii: "n"): kind = try word("null", .null)
            default: kind = try number()
            }
            return Value(kind: kind, range: start..<position)
        }

        mutating func members(_ depth: Int) throws(Malformed) -> [Member] {
            position += 1
            var members: [Member] = []
            var names: Set<String> = []
            skipSpace()
            if take(UInt8(ascii: "}")) { return [] }
            while true {
                skipSpace()
                let start = position
                let name = try text()
                guard names.insert(name).inserted else { throw Malformed(position: start) }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw Malformed(position: position) }
                members.append(Member(name: name, start: start, value: try value(depth: depth + 1)))
                skipSpace()
                if take(UInt8(ascii: "}")) { return members }
                guard take(UInt8(ascii: ",")) else { throw Malformed(position: position) }
            }
        }

        mutating func elements(_ depth: Int) throws(Malformed) -> [Value] {
            position += 1
            var elements: [Value] = []
            skipSpace()
            if take(UInt8(ascii: "]")) { return [] }
            while true {
                elements.append(try value(depth: depth + 1))
                skipSpace()
                if take(UInt8(ascii: "]")) { return elements }
                guard take(UInt8(ascii: ",")) else { throw Malformed(position: position) }
            }
        }

        mutating func word(_ word: String, _ kind: Value.Kind) throws(Malformed) -> Value.Kind {
            guard bytes[position...].starts(with: word.utf8) else { throw Malformed(position: position) }
            position += word.utf8.count
            return kind
        }

        mutating func number() throws(Malformed) -> Value.Kind {
            let start = position
            _ = take(UInt8(ascii: "-"))
            if !take(UInt8(ascii: "0")) { try digits() }
            if take(UInt8(ascii: ".")) { try digits() }
            if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
                if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
                try digits()
            }
            guard position > start else { throw Malformed(position: position) }
            return .number
        }

        mutating func digits() throws(Malformed) {
            let start = position
            while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
            guard position > start else { throw Malformed(position: position) }
        }

        mutating func text() throws(Malformed) -> String {
            guard take(UInt8(ascii: "\"")) else { throw Malformed(position: position) }
            var found: [UInt8] = []
            while let byte = peek, byte != UInt8(ascii: "\"") {
                guard byte >= 0x20 else { throw Malformed(position: position) }
                position += 1
                if byte == UInt8(ascii: "\\") { found += try escaped() } else { found.append(byte) }
            }
            guard take(UInt8(ascii: "\"")), let text = String(validating: found, as: UTF8.self) else {
                throw Malformed(position: position)
            }
            return text
        }

        mutating func escaped() throws(Malformed) -> [UInt8] {
            guard let byte = peek else { throw Malformed(position: position) }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "b"): return [8]
            case UInt8(ascii: "f"): return [12]
            case UInt8(ascii: "n"): return [10]
            case UInt8(ascii: "r"): return [13]
            case UInt8(ascii: "t"): return [9]
            case UInt8(ascii: "u"):
                var code = try unit()
                if (0xd800..<0xdc00).contains(code), bytes[position...].starts(with: Array("\\u".utf8)) {
                    let before = position
                    position += 2
                    let low = try unit()
                    if (0xdc00..<0xe000).contains(low) {
                        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
                    } else {
                        position = before
                    }
                }
                // Half of a pair stands for no character.
                return Array(String(Unicode.Scalar(code) ?? "\u{fffd}").utf8)
            default: throw Malformed(position: position - 1)
            }
        }

        mutating func unit() throws(Malformed) -> UInt32 {
            guard position + 4 <= bytes.count,
                bytes[position..<(position + 4)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let code = UInt32(
                    String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
            else { throw Malformed(position: position) }
            position += 4
            return code
        }
    }
}

extension JSONTree.Value {
    /// The members of an object; nil for everything else.
    public var members: [JSONTree.Member]? {
        if case .object(let members) = kind { members } else { nil }
    }

    /// The elements of an array; nil for everything else.
    public var elements: [JSONTree.Value]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    /// A string; nil for everything else.
    public var text: String? {
        if case .text(let text) = kind { text } else { nil }
    }

    /// Whether it is `true`.
    public var isTrue: Bool {
        if case .flag(true) = kind { true } else { false }
    }

    /// The value of a member of an object.
    public subscript(_ name: String) -> JSONTree.Value? {
        members?.first { $0.name == name }?.value
    }
}
