public import Audit

/// What is seen of the programs that run inside.
public enum CommandEvent: Sendable {
    /// One started.
    case started(CommandExecution)
    /// One ended.
    case ended(CommandExit)
    /// The session's own command took on another program, whose end is the command's.
    case replaced(SessionProgram)
    /// One started that isn't watched, because too many are: its end won't be seen.
    case unwatched
}

/// What the session's own command has become by execve(2).
public struct SessionProgram: Sendable {
    /// The program's path inside.
    public var program: [UInt8]
    /// When it started, by the monotonic clock.
    public var start: Int64
}
