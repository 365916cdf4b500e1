/// What holds a session besides the filter: what nothing else holds, the filter has to refuse.
public struct SyscallSurroundings: Hashable, Sendable {
    /// Namespaces of the session's own.
    public static let namespaces = SyscallSurroundings(rules: .none)

    /// Landlock alone.
    ///
    /// - Parameter version: of its interface.
    /// - Returns: what the filter has to refuse then.
    public static func landlock(version: Int32) -> SyscallSurroundings {
        SyscallSurroundings(rules: .landlock(version))
    }

    /// The namespaces of another session.
    ///
    /// - Parameters:
    ///   - internet: whether its network may be used.
    ///   - sockets: whether the sockets in its view may be.
    /// - Returns: what the filter has to refuse then.
    public static func nested(internet: Bool, sockets: Bool) -> SyscallSurroundings {
        SyscallSurroundings(rules: .nested(internet: internet, sockets: sockets))
    }

    private enum Rules: Hashable {
        case none
        case landlock(Int32)
        case nested(internet: Bool, sockets: Bool)
    }

    private let rules: Rules

    private init(rules: Rules) {
        self.rules = rules
    }

    /// What stands in the place of the table's rules for the same calls.
    func overriding(debug: Bool) -> [SyscallRule] {
        switch rules {
        case .none, .nested(internet: true, sockets: true): []
        case .landlock(let version):
            SyscallRules.withoutSockets + SyscallRules.withoutNamespaces(debug: debug)
                + (version < 3 ? SyscallRules.withoutTruncation : [])
        case .nested(let internet, let sockets):
            sockets
                ? SyscallRules.sockets(internet: internet)
                : SyscallRules.withoutUnixSockets(internet: internet)
        }
    }
}
