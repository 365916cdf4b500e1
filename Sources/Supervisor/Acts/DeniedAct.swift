public import Audit
public import Linux

/// Something that a process inside tries and that the kernel refuses, before it is put into a record.
///
/// The skeleton and the notifications produce them; which line is behind one, and what would allow it, is
/// looked up later.
public struct DeniedAct: Sendable {
    /// On what.
    public enum Subject: Hashable, Sendable {
        /// A file or directory, by its path in the view without links; a rename or link has a second one.
        case file(FileActivity, AbsolutePath, second: AbsolutePath? = nil)
        /// A socket in the file system that is connected to or sent to.
        case socketPath(AbsolutePath)
        /// A socket of a kind that the filter refuses (socket(2)).
        case socket(family: Int32, type: Int32, protocol: Int32)
        /// A system call that the filter refuses, by itself or for an argument.
        case call(arguments: [UInt64])
    }

    /// Why the kernel refuses, as the record says it.
    public typealias Reason = Denial.Reason

    /// On what.
    public var subject: Subject
    /// Why it fails.
    public var reason: Reason
    /// The name of the system call, such as `openat`; empty when it couldn't be told.
    public var call: String
    /// What the caller sees, where Mews gives the answer; nil where only the kernel knows.
    public var errno: Errno?
    /// Who.
    public var process: AuditedProcess

    /// Joins what is known.
    public init(
        _ subject: Subject, _ reason: Reason, call: String, errno: Errno?, process: AuditedProcess
    ) {
        self.subject = subject
        self.reason = reason
        self.call = call
        self.errno = errno
        self.process = process
    }
}
