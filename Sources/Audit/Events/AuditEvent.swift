/// What is recorded singly, never folded or left out for its number.
public enum AuditEvent: Sendable {
    /// Which files the policy was made from.
    case policyLoaded(PolicyLoading)
    /// The command starts, or fails to.
    case commandExec(CommandExecution)
    /// The command has ended.
    case commandExit(CommandExit)
    /// A limit was reached.
    case limitExceeded(LimitExcess)

    /// The code of its record.
    public var code: EventCode {
        switch self {
        case .policyLoaded: .policyLoaded
        case .commandExec: .commandExec
        case .commandExit: .commandExit
        case .limitExceeded: .limitExceeded
        }
    }
}
