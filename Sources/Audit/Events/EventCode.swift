/// What a record tells of (`metadata.event_code`), in the order of the names.
public enum EventCode: UInt8, Hashable, Sendable, CaseIterable {
    /// Something happened that has no record of its own.
    case auditGap
    /// The command starts.
    case commandExec
    /// The command has ended.
    case commandExit
    /// A name isn't resolved.
    case dnsDenied
    /// An act on a file is refused.
    case fileDenied
    /// A limit of the profile was reached.
    case limitExceeded
    /// A connection is made.
    case networkAllowed
    /// A connection is refused.
    case networkDenied
    /// Which files the policy was made from.
    case policyLoaded
    /// The last record.
    case sessionEnd
    /// The first record.
    case sessionStart
    /// A socket is refused, by its path or its kind.
    case socketDenied
    /// A system call is refused.
    case syscallDenied

    /// The name in records.
    public var name: StaticString {
        switch self {
        case .auditGap: "audit.gap"
        case .commandExec: "command.exec"
        case .commandExit: "command.exit"
        case .dnsDenied: "dns.denied"
        case .fileDenied: "file.denied"
        case .limitExceeded: "limit.exceeded"
        case .networkAllowed: "network.allowed"
        case .networkDenied: "network.denied"
        case .policyLoaded: "policy.loaded"
        case .sessionEnd: "session.end"
        case .sessionStart: "session.start"
        case .socketDenied: "socket.denied"
        case .syscallDenied: "syscall.denied"
        }
    }
}
