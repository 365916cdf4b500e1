/// A JSON value as a record holds it: no floats, and text that is well-formed Unicode.
public indirect enum RecordValue: Sendable {
    /// `true` or `false`.
    case flag(Bool)
    /// An integer.
    case number(Int64)
    /// Text.
    case text(String)
    /// An array.
    case list([RecordValue])
    /// An object; the names ascend in the order of their bytes.
    case object([RecordMember])

    /// The member of an object, by the bytes of its name.
    public subscript(_ name: String) -> RecordValue? {
        guard case .object(let members) = self else { return nil }
        // Equality of strings would take canonically equivalent names for the same.
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// What members of members lead to.
    public subscript(path: String...) -> RecordValue? {
        path.reduce(Optional(self)) { $0?[$1] }
    }

    /// The text, when it is text.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The number, when it is one.
    public var number: Int64? {
        if case .number(let number) = self { number } else { nil }
    }
}

/// A name and value of an object.
public struct RecordMember: Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: RecordValue
}
