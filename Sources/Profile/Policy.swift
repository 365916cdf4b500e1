/// A value together with the place that set it.
public struct Sourced<Value: Sendable>: Sendable {
    /// What holds.
    public var value: Value
    /// The rule that made it so.
    public var origin: Origin

    /// Joins a value to its place.
    public init(_ value: Value, _ origin: Origin) {
        self.value = value
        self.origin = origin
    }
}

/// What a session may do: all profiles, options and the repository's file, merged.
///
/// Paths are expanded (`~`, `${workspace}`, `$XDG_…`) but nothing has been looked up on the host: links,
/// wildcards and what is missing are the business of the plan.
public struct Policy: Sendable {
    /// The name of the profile that the session was started with; several are joined with `+`.
    public var name: String
    /// The level below which nothing is started.
    public var require: Sourced<Level>
    /// What of the file system is in the view.
    public var fileSystem: FileSystemPolicy
    /// Who can be reached.
    public var network: NetworkPolicy
    /// Environment, limits and system calls.
    public var process: ProcessPolicy
    /// What is written to the log, and how.
    public var audit: AuditPolicy
    /// The checks written in the profiles; read, not yet run.
    public var tests: [Sourced<String>]
    /// Every file that was read, in the order of merging, for protecting those that lie in a writable tree.
    public var files: [ProfileFile]

    /// Joins the parts.
    public init(
        name: String, require: Sourced<Level>, fileSystem: FileSystemPolicy,
        network: NetworkPolicy = NetworkPolicy(), process: ProcessPolicy,
        audit: AuditPolicy, tests: [Sourced<String>], files: [ProfileFile]
    ) {
        self.name = name
        self.require = require
        self.fileSystem = fileSystem
        self.network = network
        self.process = process
        self.audit = audit
        self.tests = tests
        self.files = files
    }
}

/// How much has to hold (design: fail closed, by level). A larger raw value promises more.
public enum Level: Int, Sendable, Comparable, CaseIterable {
    /// No namespaces: Landlock and seccomp only.
    case landlock
    /// All namespaces and seccomp, without Landlock.
    case namespaces
    /// All namespaces, Landlock and seccomp.
    case full

    /// Orders by what is promised.
    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

extension Level: CustomStringConvertible {
    /// The word of the profile. Spelled out, because without this an interpolation asks the type's reflection
    /// data for the name, which takes a launch 100 us.
    public var description: String {
        switch self {
        case .landlock: "landlock"
        case .namespaces: "namespaces"
        case .full: "full"
        }
    }
}

/// What a rule lets a path be used for. Reading includes executing; writing includes reading.
public enum Access: Int, Sendable, Comparable, CaseIterable {
    /// Not in the view.
    case none
    /// Read, list and execute.
    case read
    /// Also create, change and delete.
    case write

    /// Orders by how much is allowed.
    public static func < (left: Access, right: Access) -> Bool { left.rawValue < right.rawValue }
}

extension Access: CustomStringConvertible {
    /// The word of the profile; see `Level.description`.
    public var description: String {
        switch self {
        case .none: "none"
        case .read: "read"
        case .write: "write"
        }
    }
}

/// The file system's part of a policy.
public struct FileSystemPolicy: Sendable {
    /// The access to the workspace.
    public var workspace: Sourced<Access>
    /// Everything granted besides the workspace, in the order written.
    public var grants: [Grant]
    /// Masked wherever it lies; wins over every grant.
    public var deny: [Restriction]
    /// Readable, never writable.
    public var protect: [Restriction]
    /// Paths that a grant of a directory above them never covers: credentials, histories, agent sockets.
    public var floor: [Restriction]
    /// Paths of which neither they nor anything in them can be granted: Mews's own state and profiles.
    public var reserved: [Restriction]
    /// The first list of a repository's file that the grants were intersected with; nil without one.
    public var narrowing: Origin?
    /// What is outside the view doesn't exist rather than being refused.
    public var hide: Sourced<Bool>
    /// The size of the private temporary file system, in bytes.
    public var temporarySize: Sourced<UInt64>
    /// Lines that name nothing in this launch, for showing.
    public var skipped: [SkippedPath]

    /// Joins the parts.
    public init(
        workspace: Sourced<Access>, grants: [Grant], deny: [Restriction], protect: [Restriction],
        floor: [Restriction], reserved: [Restriction], hide: Sourced<Bool>, temporarySize: Sourced<UInt64>,
        skipped: [SkippedPath] = []
    ) {
        self.workspace = workspace
        self.grants = grants
        self.deny = deny
        self.protect = protect
        self.floor = floor
        self.reserved = reserved
        self.narrowing = nil
        self.hide = hide
        self.temporarySize = temporarySize
        self.skipped = skipped
    }
}

/// One line of `read` or `write`.
public struct Grant: Sendable {
    /// What it names.
    public var pattern: PathPattern
    /// `read` or `write`.
    public var access: Access
    /// Make the directory (0700) when it is missing.
    public var createsDirectory: Bool
    /// The line.
    public var origin: Origin

    /// Joins the parts.
    public init(pattern: PathPattern, access: Access, createsDirectory: Bool, origin: Origin) {
        self.pattern = pattern
        self.access = access
        self.createsDirectory = createsDirectory
        self.origin = origin
    }
}

/// One line of `deny` or `protect`, or an entry of the floor.
public struct Restriction: Sendable {
    /// What it names.
    public var pattern: PathPattern
    /// The line.
    public var origin: Origin
    /// What lies there, for an entry of the floor or a reserved path: `SSH keys`.
    public var reason: String?

    /// Joins the parts.
    public init(pattern: PathPattern, origin: Origin, reason: String? = nil) {
        self.pattern = pattern
        self.origin = origin
        self.reason = reason
    }
}

/// The process's part of a policy.
public struct ProcessPolicy: Sendable {
    /// Names of environment variables that are handed on; a `*` at the end matches any rest.
    public var pass: [Sourced<String>]
    /// Variables that are set, by name; a value's leading `${workspace}` or `${cache}` is expanded already.
    public var set: [(name: String, value: Sourced<[UInt8]>)]
    /// What the command may use up.
    public var limits: Limits
    /// System calls to allow beyond the built-in list.
    public var allowedSyscalls: [Sourced<String>]
    /// System calls to refuse although the built-in list allows them.
    public var deniedSyscalls: [Sourced<String>]
    /// ptrace among the command's own children.
    public var debug: Sourced<Bool>

    /// Joins the parts.
    public init(
        pass: [Sourced<String>], set: [(name: String, value: Sourced<[UInt8]>)], limits: Limits,
        allowedSyscalls: [Sourced<String>], deniedSyscalls: [Sourced<String>], debug: Sourced<Bool>
    ) {
        self.pass = pass
        self.set = set
        self.limits = limits
        self.allowedSyscalls = allowedSyscalls
        self.deniedSyscalls = deniedSyscalls
        self.debug = debug
    }
}

/// What the command may use up; nil is no limit of Mews's own.
public struct Limits: Sendable {
    /// Wall time in milliseconds.
    public var time: Sourced<UInt64>?
    /// Processes and threads at once.
    public var processes: Sourced<UInt64>?
    /// Open descriptors of one process.
    public var openFiles: Sourced<UInt64>?
    /// The largest file, in bytes.
    public var fileSize: Sourced<UInt64>?

    /// Joins the parts.
    public init(
        time: Sourced<UInt64>? = nil, processes: Sourced<UInt64>? = nil, openFiles: Sourced<UInt64>? = nil,
        fileSize: Sourced<UInt64>? = nil
    ) {
        self.time = time
        self.processes = processes
        self.openFiles = openFiles
        self.fileSize = fileSize
    }
}
