/// Goes through the characters of a JSON text.
struct JSONReader {
    private let scalars: [Unicode.Scalar]
    private var place = 0

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    var isAtEnd: Bool { place == scalars.count }

    mutating func value() -> JSONValue {
        switch scalars[place] {
        case "{":
            var members: [String: JSONValue] = [:]
            list(until: "}") { reader in
                let name = reader.string()
                precondition(reader.next() == ":" && members[name] == nil, "a member twice")
                members[name] = reader.value()
            }
            return .object(members)
        case "[":
            var elements: [JSONValue] = []
            list(until: "]") { elements.append($0.value()) }
            return .array(elements)
        case "\"": return .text(string())
        default: return word()
        }
    }

    private mutating func next() -> Unicode.Scalar {
        place += 1
        return scalars[place - 1]
    }

    private mutating func word() -> JSONValue {
        var text = ""
        while place < scalars.count, ![",", "]", "}"].contains(scalars[place]) {
            text.unicodeScalars.append(next())
        }
        if let number = Int(text) { return .number(number) }
        precondition(text == "true" || text == "false", "neither a number nor a boolean: \(text)")
        return .flag(text == "true")
    }

    private mutating func list(until end: Unicode.Scalar, _ element: (inout JSONReader) -> Void) {
        place += 1
        while scalars[place] != end {
            element(&self)
            if scalars[place] == "," { place += 1 }
        }
        place += 1
    }

    private mutating func string() -> String {
        precondition(next() == "\"", "no string")
        var text = String.UnicodeScalarView()
        while true {
            let scalar = next()
            if scalar == "\"" { return String(text) }
            text.append(scalar == "\\" ? escaped() : scalar)
        }
    }

    private mutating func escaped() -> Unicode.Scalar {
        let kind = next()
        switch kind {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{c}"
        case "r": return "\r"
        case "u":
            let digits = String(String.UnicodeScalarView((0..<4).map { _ in next() }))
            return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "?"
        default: return kind
        }
    }
}
