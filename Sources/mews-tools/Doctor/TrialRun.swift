internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

/// A session of a profile, as a launch makes it, in a workspace and with a log of its own.
struct TrialRun {
    /// How it ended.
    let ending: Ending
    /// What is said of it.
    let summary: SessionSummary
    /// How many mounts its view has.
    let mounts: Int

    /// The command must end long before the throw-away child would be given up.
    private static let timeLimit: Int64 = 8_000_000_000

    /// Runs a command in a child that is thrown away, and leaves nothing behind.
    ///
    /// - Parameters:
    ///   - examination: whose facts they are.
    ///   - words: the command.
    ///   - profile: the profile's name; none is the default.
    ///   - reads: how denied reads are seen.
    ///   - judge: says what came of it, in the child.
    /// - Returns: what `judge` says.
    /// - Throws: what `judge` throws, or why there was no session.
    static func inThrowAwayChild(
        _ examination: Examination, _ words: [String], profile: String? = nil, _ reads: ReadAudit,
        _ judge: (TrialRun) throws(SandboxError) -> String
    ) throws(SandboxError) -> String {
        let workspace = try ScratchDirectory()
        defer { workspace.remove() }
        let state = try ScratchDirectory()
        defer { state.remove() }
        let (path, log) = (workspace.path, try LogPlace(stateHome: state.path))
        return try ThrowAwayChild.run { () throws(SandboxError) in
            try judge(try TrialRun(examination, words, profile, in: path, log, reads))
        }
    }

    private init(
        _ examination: Examination, _ words: [String], _ profile: String?, in workspace: AbsolutePath,
        _ log: LogPlace, _ reads: ReadAudit
    ) throws(SandboxError) {
        let preparation = try Self.preparation(examination, profile, workspace)
        // A layer that is made to be extended has no workspace in its view.
        let directory = profile == nil ? preparation.workspace : AbsolutePath.root
        try Self.detachDescriptors()
        let descriptors = try StandardDescriptors(for: preparation.view)
        let filter = try Self.filter(preparation.policy.process)
        let kernel = try KernelProbe.facts()
        var random = SystemRandomNumberGenerator()
        let identifier = SessionIdentifier(
            milliseconds: UInt64(Clock.realtime() / 1_000_000), using: &random)
        let published = PublishedContent(
            policy: preparation.policy, view: preparation.view, workspace: preparation.workspace,
            home: preparation.facts.home, session: identifier)
        let plan = SandboxPlan(
            SandboxPlan.Inputs(
                policy: preparation.policy, view: preparation.view, facts: preparation.facts,
                workingDirectory: directory, terminal: descriptors.terminal,
                kernel: kernel, filter: filter.plain, reads: reads,
                published: published))
        let environment = CommandEnvironment(
            policy: preparation.policy, facts: preparation.facts, session: identifier.description)
        let session = Session(
            command: Command(words.map { Array($0.utf8) }, path: nil), environment: environment.entries,
            descriptors: descriptors, filter: filter)
        let facts = SessionFacts(
            identifier: identifier, policy: preparation.policy, published: published,
            view: preparation.view, host: preparation.facts, workspace: preparation.workspace,
            workingDirectory: directory, command: session.command, log: log,
            landlockVersion: kernel.landlockVersion, reads: reads, notices: preparation.notices)
        (ending, summary) = SessionLoop.run(plan, session, timeLimit: Self.timeLimit, facts: facts)
        mounts = preparation.view.mounts.count
    }

    private static func preparation(
        _ examination: Examination, _ profile: String?, _ workspace: AbsolutePath
    ) throws(SandboxError) -> Preparation {
        var request = Preparation.Request()
        request.workspace = workspace.bytes
        if let profile { request.profiles = [profile] }
        do throws(LaunchError) {
            // Nothing is made for a workspace that is gone in a moment.
            return try Preparation(request, installation: examination.installation, changesHost: false)
        } catch .sandbox(let error) {
            throw error
        } catch {
            throw SandboxError(.failed, error.lines.joined(separator: "; "), hint: "mews profile check")
        }
    }

    /// With notifications, as in every session; where the kernel allows no listener the session goes without.
    private static func filter(_ policy: ProcessPolicy) throws(SandboxError) -> CommandFilter {
        do throws(SyscallFilterError) {
            return try CommandFilter(policy, isNotifying: true)
        } catch {
            throw SandboxError(.failed, error.description)
        }
    }

    /// The caller's terminal is none of the command's business.
    private static func detachDescriptors() throws(SandboxError) {
        try Probe.step({ SandboxError(.failed, "cannot open /dev/null", errno: $0) }) { () throws(Errno) in
            let null = try Files.open(CString("/dev/null"), [.readWrite, .closeOnExec])
            for number in Int32(0)..<3 where number != null.number {
                try Files.duplicate(null.number, to: number)
            }
        }
    }

    /// How the command ended by itself.
    ///
    /// - Throws: why there was nothing of the kind.
    func status() throws(SandboxError) -> WaitStatus {
        switch ending {
        case .command(let status): return status
        case .notBuilt(let error): throw error
        case .notExecuted(let errno):
            throw SandboxError(.failed, "the command can't be executed in the sandbox", errno: errno)
        case .timeout: throw SandboxError(.failed, "the command didn't end in time")
        case .unlogged(let failure): throw SandboxError(.failed, failure.description)
        case .doorLost(let reason): throw SandboxError(.failed, reason)
        case .lost: throw SandboxError(.failed, "the sandbox was lost")
        }
    }
}
