public import Audit
public import Linux
public import Sandbox

/// How a session ended.
public enum Ending: Sendable {
    /// The command ended itself, or a signal ended it.
    case command(WaitStatus)
    /// The time limit ended it.
    case timeout
    /// The command never started: the sandbox could not be built.
    case notBuilt(SandboxError)
    /// The program could not be executed.
    case notExecuted(Errno)
    /// Mews stopped it, because the log can't be written any more.
    case unlogged(AuditFailure)
    /// Mews stopped it, because it can't do its part any more, with the reason in words.
    case stopped(String)
    /// The sandbox was lost while the command ran.
    case lost
}
