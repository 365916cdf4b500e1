public import Linux

/// Why a system call policy can't be made.
public enum SyscallFilterError: Error, Hashable, Sendable {
    /// No architecture has a call of this name.
    case unknownName(String, nearest: String?)
    /// A profile asked to allow a call that stays refused, with the reason.
    case neverAllowed(String, reason: String)
    /// A profile asked to refuse a call without which no program starts or ends.
    case indispensable(String)
    /// libseccomp failed in this function.
    case libseccomp(function: String, Errno)
    /// The program has more instructions than the kernel takes (BPF_MAXINSNS, 4096).
    case tooLong(Int)
}

extension SyscallFilterError: CustomStringConvertible {
    /// What is wrong, as a clause without a full stop, the remedy after a semicolon.
    public var description: String {
        switch self {
        case .unknownName(let name, let nearest):
            "there is no system call `\(name)`" + (nearest.map { "; did you mean `\($0)`?" } ?? "")
        case .neverAllowed(let name, let reason):
            "`\(name)` can't be allowed: \(reason)"
        case .indispensable(let name):
            "`\(name)` can't be denied: no program starts or ends without it"
        case .libseccomp(let function, let errno):
            "cannot build the system call filter: \(function): \(errno); nothing was started: try again when more"
                + " memory and descriptors are free"
        case .tooLong(let length):
            "the system call filter has \(length) instructions; the kernel takes \(SyscallFilter.maximumLength)"
        }
    }
}
