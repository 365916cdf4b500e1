/// A reader and writer of records that shares nothing with the code that writes them, so that a test compares two
/// views of the format. It traps on what isn't JSON.
indirect enum JSONValue: Equatable {
    case object([String: JSONValue])
    case array([JSONValue])
    case text(String)
    case number(Int)
    case flag(Bool)

    init(_ line: some Sequence<UInt8>) {
        var reader = JSONReader(Array(String(decoding: Array(line), as: UTF8.self).unicodeScalars))
        self = reader.value()
        precondition(reader.isAtEnd, "something follows the value")
    }

    subscript(path: String...) -> JSONValue? {
        path.reduce(self) { value, name in
            guard case .object(let members)? = value else { return nil }
            return members[name]
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
    var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    /// The canonical form, as the specification of the log says it.
    var canonical: String {
        switch self {
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return "{" + sorted.map { "\"\($0.key)\":\($0.value.canonical)" }.joined(separator: ",") + "}"
        case .array(let elements): return "[" + elements.map(\.canonical).joined(separator: ",") + "]"
        case .text(let text): return "\"" + text.unicodeScalars.map(Self.escape).joined() + "\""
        case .number(let number): return String(number)
        case .flag(let flag): return String(flag)
        }
    }

    private static let hidden: [ClosedRange<UInt32>] = [
        0...0x1f, 0x7f...0x9f, 0x61c...0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f,
        0xfeff...0xfeff,
    ]

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\u{8}": return "\\b"
        case "\t": return "\\t"
        case "\n": return "\\n"
        case "\u{c}": return "\\f"
        case "\r": return "\\r"
        default: break
        }
        guard hidden.contains(where: { $0.contains(scalar.value) }) else { return String(scalar) }
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
