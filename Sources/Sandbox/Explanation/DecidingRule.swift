public import Profile

/// The line behind an answer.
public struct DecidingRule: Hashable, Sendable {
    /// Who says what.
    public enum Kind: String, Hashable, Sendable {
        /// The access to the workspace.
        case workspace
        /// A line of `read`.
        case read
        /// A line of `write`.
        case write
        /// A line of `network.unix`.
        case unix
        /// A line of `deny`.
        case deny
        /// A line of `protect`.
        case protect
        /// The built-in floor: credentials, histories, sockets of agents.
        case floor
        /// What can't be granted at all.
        case reserved
        /// What Mews grants and protects for git.
        case git
        /// Mews's own places, and the protection of its own files.
        case mews
    }

    /// Who says what.
    public let kind: Kind
    /// The path as it was written; empty where there is no line.
    public let written: String
    /// The file, line and column, or the option.
    public let origin: Origin
    /// What lies there, for the floor and what is reserved: `SSH keys`.
    public let holds: String?

    init(_ kind: Kind, _ written: String, _ origin: Origin, holds: String? = nil) {
        self.kind = kind
        self.written = written
        self.origin = origin
        self.holds = holds
    }
}

extension DecidingRule: CustomStringConvertible {
    /// The line as a profile has it: `deny: .env`; empty where there is none.
    public var line: String {
        switch kind {
        case .workspace, .read, .write, .unix, .deny, .protect: "\(kind.rawValue): \(written)"
        case .floor, .reserved: written
        case .git, .mews: ""
        }
    }

    /// The line, then its place: `deny: .env (/p.yaml:5:10)`.
    public var description: String {
        return line.isEmpty ? "\(origin)" : "\(line) (\(origin))"
    }
}
