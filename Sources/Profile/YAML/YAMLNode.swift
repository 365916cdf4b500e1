/// A node of a profile's tree. Scalars are text: what they mean is decided by the key they stand at.
struct YAMLNode: Sendable {
    /// What the node is.
    indirect enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    let position: YAMLPosition
    let content: Content

    /// The node's kind in an error message.
    var kind: String {
        switch content {
        case .scalar(let scalar) where scalar.text.isEmpty: "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A key and what stands at it.
struct YAMLEntry: Sendable {
    let key: String
    let position: YAMLPosition
    let value: YAMLNode
}

/// The text of a scalar, after quotes, escapes and folding.
struct YAMLScalar: Sendable {
    let text: String
    /// The value as bytes where it differs from the text: it is in double quotes and has `\xNN`, which for
    /// YAML is the character U+00NN, but for a path the byte.
    let escapedBytes: [UInt8]?

    /// The value where bytes count, as in paths.
    var bytes: [UInt8] { escapedBytes ?? Array(text.utf8) }
}
