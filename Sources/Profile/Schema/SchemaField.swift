/// One key of the profile: the only description from which decoding, messages, the JSON Schema and the list
/// of what a repository may write are made.
struct SchemaField: Sendable {
    /// Whether this version enforces what the key asks for.
    enum Availability: Sendable {
        case now
        /// The value is checked, and asking for anything is then refused.
        case later
    }

    let name: String
    let shape: SchemaShape
    /// What the values are for the rest of the program; nil for a mapping of other fields.
    let key: ProfileKey?
    /// One or two sentences for editors.
    let summary: String
    let availability: Availability
    /// Whether a repository's `.mews.yaml` may hold it.
    let isForRepository: Bool

    /// A key with a value or a list of values.
    init(
        _ name: String, _ shape: SchemaShape, _ key: ProfileKey, _ summary: String,
        availability: Availability = .now, isForRepository: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.key = key
        self.summary = summary
        self.availability = availability
        self.isForRepository = isForRepository
    }

    /// A key that holds other keys.
    init(_ name: String, _ summary: String, availability: Availability = .now, fields: [SchemaField]) {
        self.name = name
        self.shape = .mapping(fields)
        self.key = nil
        self.summary = summary
        self.availability = availability
        // Whoever may write something in a mapping may write the mapping.
        self.isForRepository = fields.contains { $0.isForRepository }
    }
}

/// What stands at a key.
indirect enum SchemaShape: Sendable {
    case scalar(ScalarKind)
    /// A list; each item is one value.
    case list(SchemaShape)
    /// A mapping with fixed keys, each a value of its own.
    case mapping([SchemaField])
    /// A mapping from names to values.
    case dictionary(name: ScalarKind, value: ScalarKind)
    /// A mapping with fixed keys that together are one value.
    case record(SchemaRecord)
    /// One value, in short or as a mapping.
    case either(ScalarKind, SchemaRecord)
}

/// A mapping that is one value.
struct SchemaRecord: Sendable {
    /// One of its keys.
    struct Member: Sendable {
        let name: String
        let shape: SchemaShape
        let summary: String

        init(_ name: String, _ shape: SchemaShape, _ summary: String) {
            self.name = name
            self.shape = shape
            self.summary = summary
        }
    }

    let members: [Member]
    /// Keys of which exactly one must be there.
    let oneOf: [String]
    /// Keys that must be there.
    let required: [String]
    /// Keys that don't go together: the second has no meaning beside the first.
    let excluded: [(String, String)]
    /// What else has to hold of the values together.
    let check: @Sendable ([String: SchemaValue]) throws(ScalarError) -> Void

    init(
        _ members: [Member], oneOf: [String] = [], required: [String] = [], excluded: [(String, String)] = [],
        check: @escaping @Sendable ([String: SchemaValue]) throws(ScalarError) -> Void = { _ in }
    ) {
        self.members = members
        self.oneOf = oneOf
        self.required = required
        self.excluded = excluded
        self.check = check
    }
}
