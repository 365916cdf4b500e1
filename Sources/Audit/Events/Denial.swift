public import Linux

/// Something that a process inside tried and that the kernel refuses, with everything its record says.
public struct Denial: Sendable {
    /// On what.
    public enum Subject: Hashable, Sendable {
        /// A file by its path in the view; a rename, link or exchange has a second path.
        case file(FileActivity, [UInt8], type: FileType = .unknown, second: [UInt8]? = nil)
        /// A socket in the file system that is connected to or sent to.
        case socketPath([UInt8])
        /// A socket of a kind that the filter refuses (socket(2)), with the name of its family when it has one.
        case socket(family: Int32, type: Int32, protocol: Int32, familyName: String? = nil)
        /// A system call that the filter refuses; the arguments where they were looked at.
        case call(arguments: [UInt64] = [])
    }

    /// Why the kernel refuses, as records name it (`unmapped.mews.reason`).
    public enum Reason: String, Hashable, Sendable {
        /// The place isn't part of the view.
        case outsideView = "outside-view"
        /// The place is kept out of a grant that holds it.
        case masked
        /// The place can be read only.
        case readOnly = "read-only"
        /// The directory is held fast because something in it is protected or denied.
        case pinned
        /// Names of two mounts can't be linked or moved onto each other.
        case acrossMounts = "across-mounts"
        /// The filter of system calls.
        case filter
        /// The host's file system there isn't asked, so the place counts as existing.
        case notProbed = "not-probed"
    }

    /// On what.
    public var subject: Subject
    /// Why.
    public var reason: Reason
    /// The name of the system call; empty when it couldn't be told.
    public var call: String
    /// What the caller sees; nil where only the kernel knows.
    public var errno: Errno?
    /// Who.
    public var process: AuditedProcess
    /// Which line.
    public var rule: AuditedRule
    /// One sentence for people, in which bytes that aren't text are escaped (`PrintableText`).
    public var message: String
    /// The smallest profile line that would allow it; nil when nothing may.
    public var fix: String?

    /// Joins the parts.
    public init(
        _ subject: Subject, _ reason: Reason, call: String, errno: Errno?, process: AuditedProcess,
        rule: AuditedRule, message: String, fix: String?
    ) {
        self.subject = subject
        self.reason = reason
        self.call = call
        self.errno = errno
        self.process = process
        self.rule = rule
        self.message = message
        self.fix = fix
    }

    /// The code of its record.
    public var code: EventCode {
        switch subject {
        case .file: .fileDenied
        case .socketPath, .socket: .socketDenied
        case .call: .syscallDenied
        }
    }
}
