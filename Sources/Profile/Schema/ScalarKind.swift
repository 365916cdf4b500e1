/// The types that a key can give to a text.
enum ScalarKind: Sendable {
    /// The version of the format: 1.
    case version
    /// Text for people.
    case text
    /// Text that is looked for in other text, so that it can't be empty.
    case secret
    /// `true` or `false`.
    case flag
    /// One of these words, and those of later versions, which are known but refused.
    case choice([String], later: [String] = [])
    /// A whole number.
    case integer(ClosedRange<UInt64>)
    /// `512KiB`, `64MiB`, `2GiB`: bytes.
    case size
    /// `500ms`, `30s`, `10m`, `2h`, `90d`: milliseconds.
    case duration
    /// A path, and the wildcards that it may have.
    case path(PathExpression.Wildcards)
    /// The name of a profile, or a path of one.
    case profileReference
    /// The name of a profile.
    case profileName
    /// `HOST[:PORT]`, for rules that allow: not the loopback, and nothing that hands out credentials.
    case hostRule
    /// `HOST[:PORT]` or `ADDRESS[:PORT]`, for rules that deny.
    case hostOrAddressRule
    /// A host name, exact or `*.` and a name, for rules that allow.
    case hostPattern
    /// An exact host name.
    case hostName
    /// An IPv4 or IPv6 address, for rules that allow.
    case address
    /// The same, for a name.
    case addressOfName
    /// A port of the host's loopback.
    case loopbackPort
    /// `http://HOST:PORT`.
    case proxyURL
    /// `env:NAME`.
    case credentialsReference
    /// The name of an environment variable.
    case variableName
    /// The same, perhaps with `*` at the end.
    case variablePattern
    /// The value of an environment variable.
    case variableValue
    /// The name of a system call.
    case syscall
    /// `allow|deny read|write|exec PATH` or `allow|deny connect HOST[:PORT]`.
    case test
}

/// Why a value doesn't have its key's type.
struct ScalarError: Error {
    let problem: String
    let remedy: String

    init(_ problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }
}
