/// How a session begins: what somebody needs, who asks later who ran what, where, and under which rules.
public struct SessionStart: Sendable {
    /// What of the denials is seen; where it is off they happen without a record.
    public struct Observation: Hashable, Sendable {
        /// How denied reads are seen.
        public enum Reads: String, Sendable {
            /// By the root of the view.
            case fuse
            /// By notifications of each open.
            case notify
            /// Not at all.
            case off
        }

        /// How denied writes are seen.
        public enum Writes: String, Sendable {
            /// By notifications of calls that change something.
            case notify
            /// Not at all.
            case off
        }

        /// Denied reads.
        public var reads: Reads
        /// Denied writes.
        public var writes: Writes
        /// Whether each program that is run is seen; nil when the profile doesn't ask for it.
        public var commands: Writes?

        /// How connections and datagrams to where nobody listens are seen; nil where there is no network.
        public var packets: Packets?

        /// How what is sent to where nobody listens is seen.
        public enum Packets: String, Sendable {
            /// By a socket that sees every packet of the sandbox's network.
            case socket
            /// Not at all.
            case off
        }

        /// Joins the two.
        public init(reads: Reads, writes: Writes) {
            self.reads = reads
            self.writes = writes
        }
    }

    /// The repository of the workspace, as far as it is known.
    public struct Repository: Hashable, Sendable {
        /// Where it comes from; user and password are taken out when it is recorded.
        public var url: [UInt8]?
        /// The commit that is checked out, hexadecimal.
        public var commit: String?
        /// The branch that is checked out.
        public var branch: [UInt8]?
        /// Whether there are changes that aren't committed.
        public var isDirty: Bool?

        /// Joins what is known.
        public init(url: [UInt8]?, commit: String?, branch: [UInt8]?, isDirty: Bool?) {
            self.url = url
            self.commit = commit
            self.branch = branch
            self.isDirty = isDirty
        }
    }

    /// The effective policy.
    public var policy: AuditedPolicy
    /// The host's kernel (uname(2)).
    public var kernelRelease: String
    /// The version of Landlock that it has; 0 without.
    public var landlockVersion: Int
    /// `full`, `namespaces` or `landlock`.
    public var level: String
    /// What is seen.
    public var observation: Observation
    /// The workspace.
    public var workspace: [UInt8]
    /// Where the command starts.
    public var workingDirectory: [UInt8]
    /// The command with its arguments; redacted when it is recorded.
    public var arguments: [[UInt8]]
    /// The repository; nil when the workspace is in none.
    public var repository: Repository?
    /// The caller's `traceparent`; recorded when it is well-formed (W3C Trace Context).
    public var traceParent: [UInt8]?
    /// The session that this one runs in.
    public var parentSession: String?
    /// The coding agent for which the command runs.
    public var agent: AuditedAgent?
    /// 32 random bytes, which make this chain differ from every other.
    public var nonce: [UInt8]
    /// What is replaced in arguments beside what looks like a secret (`audit.redact`).
    public var redacted: [[UInt8]] = []

    /// Joins what every session has; the rest is set afterwards.
    public init(
        policy: AuditedPolicy, kernelRelease: String, landlockVersion: Int, level: String,
        observation: Observation, workspace: [UInt8], workingDirectory: [UInt8], arguments: [[UInt8]],
        nonce: [UInt8]
    ) {
        self.policy = policy
        self.kernelRelease = kernelRelease
        self.landlockVersion = landlockVersion
        self.level = level
        self.observation = observation
        self.workspace = workspace
        self.workingDirectory = workingDirectory
        self.arguments = arguments
        self.nonce = nonce
    }
}
