internal import Linux
internal import Network

/// A value of a profile after its key has typed it.
enum SchemaValue: Sendable {
    /// Text, or one word of a choice.
    case text(String)
    /// A number, a size in bytes or a time in milliseconds.
    case number(UInt64)
    case flag(Bool)
    case path(PathExpression)
    /// A mapping with fixed keys that is one value.
    case record([String: SchemaValue])
    /// An entry of a mapping whose keys are names.
    case assignment(name: String, value: [UInt8])
    /// A list is present, perhaps empty; its items follow.
    case list
    /// A list in a mapping that is one value.
    case values([SchemaValue])
    /// `HOST[:PORT]`.
    case host(NetworkRule.Target, port: UInt16?)
    case address(IPAddress)
    /// An entry of `network.hosts`.
    case fixedHost(DomainName, IPAddress)
}

/// One value of a profile and where it stands. A decoded profile is a flat list of these.
struct Setting: Sendable {
    let key: ProfileKey
    let value: SchemaValue
    let origin: Origin
}
