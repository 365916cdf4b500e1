public import Audit
public import Linux
public import Profile
public import Sandbox

/// What the records of a session say that was decided before it began.
public struct SessionFacts: Sendable {
    /// The name of the session.
    public var identifier: SessionIdentifier
    /// The merged policy.
    public var policy: Policy
    /// What the command can read of it; nil where there is nothing to be read.
    public var published: PublishedContent?
    /// What of the host the session sees.
    public var view: View
    /// Who runs it.
    public var host: HostFacts
    /// The directory that it works in, by a path without links.
    public var workspace: AbsolutePath
    /// Where the command starts.
    public var workingDirectory: AbsolutePath
    /// The command.
    public var command: Command
    /// Where the log is written.
    public var log: LogPlace
    /// The version of Landlock's interface.
    public var landlockVersion: Int32
    /// How denied reads are seen.
    public var reads: ReadAudit
    /// What the user was told before the start.
    public var notices: [String]
    /// How it is held.
    public var construction = Construction.namespaces(landlock: true)
    /// The session around this one, which has the log; nil outside.
    public var outerSession: String?
    /// Where the program of the network's door is; nil where there is none.
    public var door: AbsolutePath?
    /// The coding agent for which the command runs.
    public var agent: AuditedAgent?
    /// The name of a file in the session's own /tmp whose content the summary has.
    public var keptFile: [UInt8]?

    /// Joins the parts.
    public init(
        identifier: SessionIdentifier, policy: Policy, published: PublishedContent?, view: View,
        host: HostFacts,
        workspace: AbsolutePath,
        workingDirectory: AbsolutePath, command: Command, log: LogPlace, landlockVersion: Int32,
        reads: ReadAudit, notices: [String]
    ) {
        self.identifier = identifier
        self.policy = policy
        self.published = published
        self.view = view
        self.host = host
        self.workspace = workspace
        self.workingDirectory = workingDirectory
        self.command = command
        self.log = log
        self.landlockVersion = landlockVersion
        self.reads = reads
        self.notices = notices
    }
}
