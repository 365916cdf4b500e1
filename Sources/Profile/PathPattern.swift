public import Linux

/// A path of a profile after expansion: a literal prefix, then perhaps components with wildcards.
public struct PathPattern: Hashable, Sendable {
    /// One component after the literal prefix.
    public enum Component: Hashable, Sendable {
        /// A component that may hold `*`, each matching any bytes within the component.
        case glob([UInt8])
        /// `**`: any number of directories, also none.
        case anyDepth
    }

    /// Everything before the first component with a wildcard.
    public let prefix: AbsolutePath
    /// The rest, from the first component with a wildcard on; empty for a literal path.
    public let wildcards: [Component]
    /// As the profile has it, for messages.
    public let written: String

    /// Joins the parts.
    public init(prefix: AbsolutePath, wildcards: [Component] = [], written: String) {
        self.prefix = prefix
        self.wildcards = wildcards
        self.written = written
    }

    /// Whether it names exactly one path.
    public var isLiteral: Bool { wildcards.isEmpty }
}
