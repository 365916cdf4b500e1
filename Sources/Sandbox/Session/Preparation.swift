public import Linux
public import Profile

/// Everything that is decided before the clone: from what the user asked to a policy and a view.
public struct Preparation: Sendable {
    /// What the user asked for.
    public struct Request: Sendable {
        /// The value of `-w`.
        public var workspace: [UInt8]?
        /// Profiles and the options that belong to the policy; the current directory and the repository's
        /// file are filled in here.
        public var profiles: [String] = []
        /// The values of `--read`.
        public var read: [[UInt8]] = []
        /// The values of `--write`.
        public var write: [[UInt8]] = []
        /// The values of `--deny`.
        public var deny: [[UInt8]] = []
        /// The values of `--allow`.
        public var allow: [String] = []
        /// The values of `--env`.
        public var environment: [String] = []
        /// The value of `--timeout`.
        public var timeout: String?
        /// The value of `--require`.
        public var require: String?
        /// The value of `--audit-log`.
        public var auditLog: [UInt8]?
        /// Whether the session sees repositories' configurations without the credentials in them.
        public var masksGitCredentials = false

        /// The home and the variables by which places are found, where they aren't the environment's to say.
        public var places: HostFacts.Places?
        /// Whether what a line protects and doesn't exist is moved aside when it has appeared after the run, because
        /// a program outside would follow it at once.
        public var movesMissingAside = false

        /// Asks for the defaults.
        public init() {}
    }

    /// The merged policy.
    public let policy: Policy
    /// What of the host the session sees.
    public let view: View
    /// Who runs it.
    public let facts: HostFacts
    /// The directory that the session works in, by a path without links.
    public let workspace: AbsolutePath
    /// Where the log is written.
    public let log: LogPlace
    /// What the user should know: one line each.
    public let notices: [String]
    /// The sandbox around this one; nil outside.
    public let nesting: Nesting?
    let cache: CacheDirectory
    let changesHost: Bool

    private static let managedPolicy = ["/etc/mews/policy.yaml", "/etc/mews/policy.d"]

    /// Decides everything.
    ///
    /// - Parameters:
    ///   - request: what the user asked for.
    ///   - installation: where the built-in profiles are.
    ///   - changesHost: whether the directories that have to be there may be made; otherwise each stands
    ///     among what was skipped.
    /// - Throws: why nothing can be started.
    public init(
        _ request: Request, installation: Installation, changesHost: Bool = true
    ) throws(LaunchError) {
        var notices: [String] = []
        let repositoryFile: AbsolutePath?
        do throws(SandboxError) {
            try Self.refuseManagedPolicy()
            var facts = try HostReader.facts()
            nesting = try Nesting.find(facts.environment)
            if let places = request.places { facts.settle(places) }
            let workspace = try WorkspaceFinder.find(request.workspace, facts)
            repositoryFile = try Self.repositoryFile(of: workspace)
            if nesting == nil, let changed = try HostReader.becomeOwner(of: workspace, facts) {
                facts = changed
                notices.append("running as user \(facts.user), the owner of \(workspace)")
            }
            self.facts = facts
            self.workspace = workspace
            log =
                nesting == nil
                ? try LogPlace(request.auditLog, facts, changesHost: changesHost)
                : try LogPlace(within: request.auditLog)
        } catch {
            throw .sandbox(error)
        }
        if let repositoryFile { notices.append("\(repositoryFile) applies") }
        let cache = CacheDirectory(facts, workspace: workspace)
        self.cache = cache
        self.changesHost = changesHost
        let builder = Self.builder(
            Self.context(facts, workspace, installation, cache), facts, isNested: nesting != nil)
        do throws(ProfileError) {
            policy = try builder.policy(
                for: Self.policyRequest(request, facts, repositoryFile))
        } catch {
            // Where a user namespace of its own has none below it, files have owners that look wrong, and that message
            // would mislead.
            do throws(SandboxError) {
                if nesting == nil, request.require != "\(Level.landlock)" {
                    try KernelProbe.requireUserNamespaces()
                }
            } catch {
                throw .sandbox(error)
            }
            throw .profile(error.diagnostics)
        }
        do throws(SandboxError) {
            try Self.allowDescriptors(for: policy)
            let view = try ViewBuilder(
                policy: policy, facts: facts, workspace: workspace, installation: installation,
                cache: cache, changesHost: changesHost,
                masksGitCredentials: request.masksGitCredentials,
                movesMissingAside: request.movesMissingAside, isNested: nesting != nil
            ).build()
            if log.isKept { try log.requireOutside(view) }
            // Whoever typed a path wants to know that it grants nothing; a profile names what some hosts lack.
            for skipped in view.skipped where skipped.isNews || skipped.origin.source.hasPrefix("--") {
                notices.append("\(skipped.origin): \(skipped.written) is skipped: \(skipped.reason)")
            }
            for masked in view.masked {
                notices.append(
                    "\(masked.path) holds credentials that a step before has left there "
                        + "(\(masked.found.joined(separator: ", "))); inside it is seen without them")
            }
            self.view = view
            self.notices = notices
        } catch {
            throw .sandbox(error)
        }
    }

    /// The workspace's own profile, where it has one: it takes something away, so not to know isn't enough.
    private static func repositoryFile(
        of workspace: AbsolutePath
    ) throws(SandboxError) -> AbsolutePath? {
        let file = workspace.appending(".mews.yaml")
        do throws(Errno) {
            return try Files.statusIfThere(CString(file)) == nil ? nil : file
        } catch {
            throw SandboxError(.failed, "cannot tell whether there is \(file)", errno: error)
        }
    }

    /// A host whose managed policy isn't enforced must not be worked on as if it were.
    ///
    /// - Throws: `refused` when there is one, or when that can't be found out.
    public static func refuseManagedPolicy() throws(SandboxError) {
        for name in managedPolicy {
            do throws(Errno) {
                if try Files.statusIfThere(CString(name)) == nil { continue }
            } catch {
                throw SandboxError(.refused, "cannot tell whether there is a managed policy", errno: error)
            }
            throw SandboxError(
                .refused, "\(name) exists, and managed policies aren't enforced in this version",
                hint: "install a version of Mews that enforces them")
        }
    }

    private static func policyRequest(
        _ request: Request, _ facts: HostFacts, _ repositoryFile: AbsolutePath?
    ) -> PolicyRequest {
        PolicyRequest(
            profiles: request.profiles, currentDirectory: facts.currentDirectory, read: request.read,
            write: request.write, deny: request.deny, allow: request.allow,
            environment: request.environment, timeout: request.timeout, require: request.require,
            repositoryFile: repositoryFile)
    }

    /// The profile reader's way to this host.
    public static func builder(
        _ facts: HostFacts, _ workspace: AbsolutePath, _ installation: Installation
    ) -> PolicyBuilder {
        builder(context(facts, workspace, installation), facts)
    }

    private static func builder(
        _ context: ProfileContext, _ facts: HostFacts, isNested: Bool = false
    ) -> PolicyBuilder {
        PolicyBuilder(
            context: context,
            read: { path, kind throws(Diagnostic) in
                try ProfileFiles.read(path, kind, user: facts.user, isNested: isNested)
            },
            list: ProfileFiles.names(in:))
    }

    /// What profiles refer to.
    public static func context(
        _ facts: HostFacts, _ workspace: AbsolutePath, _ installation: Installation
    ) -> ProfileContext {
        context(facts, workspace, installation, CacheDirectory(facts, workspace: workspace))
    }

    private static func context(
        _ facts: HostFacts, _ workspace: AbsolutePath, _ installation: Installation, _ cache: CacheDirectory
    ) -> ProfileContext {
        ProfileContext(
            home: facts.home, workspace: workspace, cache: cache.path, variable: facts.value(of:),
            builtInDirectory: installation.profiles, reserved: agentRecords(facts))
    }

    /// Where the records of agents lie, also when the environment has another home.
    private static func agentRecords(_ facts: HostFacts) -> [AbsolutePath] {
        guard let home = AgentRecord.home(of: facts.user, facts.home) else { return [] }
        let configuration = facts.value(of: "XDG_CONFIG_HOME").flatMap { AbsolutePath($0) }
        // Mostly it is the directory that is reserved anyway.
        if configuration == nil, home == facts.home { return [] }
        return [AgentRecord.directory(in: home)]
    }

    /// Each rule takes two descriptors until the sandbox is built, more than the usual soft limit has for a
    /// thousand rules. The command gets the limit that its policy says.
    private static func allowDescriptors(for policy: Policy) throws(SandboxError) {
        let files = policy.fileSystem
        let rules = [files.grants.count, files.deny.count, files.protect.count, files.floor.count].reduce(
            0, +)
        // Here as well as in the child, and once more on the way to whoever answers.
        let sockets = policy.network.listeners.count
        do throws(Errno) {
            let limit = try Processes.limit(.openFiles)
            let hasWildcards = (files.deny + files.protect).contains { !$0.pattern.isLiteral }
            if hasWildcards || UInt64(rules * 2 + sockets) + 128 > limit.soft {
                try Processes.setLimit(.openFiles, soft: limit.hard, hard: limit.hard)
            }
        } catch {
            throw SandboxError(.failed, "cannot raise the limit of open files", errno: error)
        }
    }
}
