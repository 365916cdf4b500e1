/// The coding agent for which a command runs, as the agent itself names things.
public struct AuditedAgent: Hashable, Sendable {
    /// The agent: `claude-code`.
    public var name: String
    /// The agent's session.
    public var session: String?
    /// The call of a tool that the command is.
    public var toolUse: String?
    /// The sub-agent that made the call; nil for the agent itself.
    public var delegate: String?

    /// Joins what is known.
    public init(name: String, session: String? = nil, toolUse: String? = nil, delegate: String? = nil) {
        self.name = name
        self.session = session
        self.toolUse = toolUse
        self.delegate = delegate
    }

    /// Whether a text can be such a name: up to 128 letters, digits, `-`, `_`, `.` and `:`, so that it is one component
    /// of a path and nothing on a terminal.
    public static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                Bytes.isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                    || [0x2d, 0x2e, 0x3a, 0x5f].contains($0)
            }
    }
}
