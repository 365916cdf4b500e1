public import Profile

/// How a session is held: by which walls, and within which others.
public enum Construction: Hashable, Sendable {
    /// In namespaces of its own, with a root of its own; with Landlock as the second wall where the kernel has it.
    case namespaces(landlock: Bool)
    /// By Landlock and the filter of system calls alone, among the host's own processes and files.
    case landlock
    /// The same inside a sandbox of Mews's that holds this level.
    case nested(Level)

    /// The level that holds.
    public var level: Level {
        switch self {
        case .namespaces(let landlock): landlock ? .full : .namespaces
        case .landlock: .landlock
        case .nested(let level): level
        }
    }

    /// Whether there is a PID namespace, which ends with its first process, and a root of the view.
    public var hasNamespaces: Bool {
        if case .namespaces = self { true } else { false }
    }

    /// Whether another session of Mews's is around this one.
    public var isNested: Bool {
        if case .nested = self { true } else { false }
    }
}
