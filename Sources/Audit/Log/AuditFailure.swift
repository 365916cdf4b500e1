public import Linux

/// Why there is no log, or no more of it.
public enum AuditFailure: Error, Hashable, Sendable {
    /// A directory or file belongs to somebody else.
    case foreign(AbsolutePath, owner: UInt32)
    /// Others could replace what is in the directory, or change the file; with its permission bits.
    case writableByOthers(AbsolutePath, mode: UInt32)
    /// Something else lies where a directory or a regular file is needed.
    case wrongKind(AbsolutePath)
    /// There is a file already; a log is one session's.
    case exists(AbsolutePath)
    /// A directory or file can't be made or opened.
    case unopenable(AbsolutePath, Errno)
    /// A record can't be written.
    case unwritable(AbsolutePath, Errno)
    /// The log was removed or replaced while it was written.
    case gone(AbsolutePath)
    /// Somebody else wrote to the log or cut it.
    case changed(AbsolutePath)
    /// Others held the ledger for too long.
    case ledgerBusy(AbsolutePath)
    /// The ledger's last entry doesn't hold together.
    case ledgerDamaged(AbsolutePath)

    /// The error number behind it, when there is one.
    public var errno: Errno? {
        switch self {
        case .unopenable(_, let errno), .unwritable(_, let errno): errno
        default: nil
        }
    }
}

extension AuditFailure: CustomStringConvertible {
    private static let elsewhere = "make it possible, or take another place (XDG_STATE_HOME, --audit-log)"

    /// One line without a full stop: what is wrong, and what to do where that isn't plain.
    public var description: String {
        switch self {
        case .foreign(let path, let owner):
            "audit log: \(path) belongs to user \(owner)"
        case .writableByOthers(let path, let mode):
            "audit log: \(path) is writable by others (mode \(String(mode & 0o7777, radix: 8))); chmod go-w it"
        case .wrongKind(let path): "audit log: \(path) is neither a directory nor a regular file as needed"
        case .exists(let path): "audit log: \(path) exists; a log is a new file"
        case .unopenable(let path, let errno):
            "audit log: cannot open \(path): \(errno); " + Self.elsewhere
        case .unwritable(let path, let errno):
            "audit log: cannot write \(path): \(errno); " + Self.elsewhere
        case .gone(let path): "audit log: \(path) was removed or replaced"
        case .changed(let path): "audit log: \(path) was changed by somebody else"
        case .ledgerBusy(let path): "audit log: \(path) is locked by another session"
        case .ledgerDamaged(let path):
            "audit log: the last entry of \(path) doesn't hold together; see `mews audit verify`, then move the"
                + " file away"
        }
    }
}
