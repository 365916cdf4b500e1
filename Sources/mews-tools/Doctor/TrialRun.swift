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
    /// The level that it was held at.
    let level: Level

    /// The command must end long before the throw-away child would be given up.
    private static let timeLimit: Int64 = 8_000_000_000

    /// Runs a command in a child that is thrown away, and leaves nothing behind.
    ///
    /// - Parameters:
    ///   - examination: whose facts they are.
    ///   - words: the command.
    ///   - profile: the profile's name; none is the default.
    ///   - require: the least level that will do; none is what the profile says.
    ///   - reads: how denied reads are seen.
    ///   - judge: says what came of it, in the child.
    /// - Returns: what `judge` says.
    /// - Throws: what `judge` throws, or why there was no session.
    static func inThrowAwayChild(
        _ examination: Examination, _ words: [String], profile: String? = nil, require: Level? = nil,
        _ reads: ReadAudit,
        _ judge: (TrialRun) throws(SandboxError) -> String
    ) throws(SandboxError) -> String {
        let workspace = try ScratchDirectory()
        defer { workspace.remove() }
        let state = try ScratchDirectory()
        defer { state.remove() }
        let (path, log) = (workspace.path, try LogPlace(stateHome: state.path))
        return try ThrowAwayChild.run { () throws(SandboxError) in
            try judge(try TrialRun(examination, words, profile, require, in: path, log, reads))
        }
    }

    private init(
        _ examination: Examination, _ words: [String], _ profile: String?, _ require: Level?,
        in workspace: AbsolutePath, _ log: LogPlace, _ reads: ReadAudit
    ) throws(SandboxError) {
        let preparation = try Self.preparation(examination, profile, require, workspace)
        try Self.detachDescriptors()
        let descriptors = try StandardDescriptors(for: preparation.view)
        var inputs = SandboxPlan.Inputs(
            policy: preparation.policy, view: preparation.view, facts: preparation.facts,
            // A layer that is made to be extended has no workspace in its view.
            workingDirectory: profile == nil ? preparation.workspace : .root, terminal: descriptors.terminal,
            kernel: try KernelProbe.facts(), filter: [])
        let construction = try Self.construction(inputs, preparation)
        inputs.construction = construction
        var random = SystemRandomNumberGenerator()
        let identifier = SessionIdentifier(
            milliseconds: UInt64(Clock.realtime() / 1_000_000), using: &random)
        if construction.hasNamespaces {
            inputs.reads = reads
            inputs.published = PublishedContent(
                policy: preparation.policy, view: preparation.view, workspace: preparation.workspace,
                home: preparation.facts.home, session: identifier, level: construction.level)
        }
        let filter = try Self.filter(
            preparation.policy.process, construction.surroundings(inputs, within: preparation.nesting))
        inputs.filter = filter.plain
        inputs.view = construction.view(preparation.view)
        let environment = CommandEnvironment(
            policy: preparation.policy, facts: preparation.facts, session: identifier.description)
        let session = Session(
            command: Command(words.map { Array($0.utf8) }, path: nil), environment: environment.entries,
            descriptors: descriptors, filter: filter)
        var facts = SessionFacts(
            identifier: identifier, policy: preparation.policy, published: inputs.published,
            view: inputs.view, host: preparation.facts, workspace: preparation.workspace,
            workingDirectory: inputs.workingDirectory, command: session.command, log: log,
            landlockVersion: inputs.kernel.landlockVersion, reads: inputs.reads,
            notices: preparation.notices)
        facts.construction = construction
        (ending, summary) = SessionLoop.run(
            SandboxPlan(inputs), session, timeLimit: Self.timeLimit, facts: facts)
        mounts = preparation.view.mounts.count
        level = construction.level
    }

    private static func construction(
        _ inputs: SandboxPlan.Inputs, _ preparation: Preparation
    ) throws(SandboxError) -> Construction {
        do throws(LaunchError) {
            return try LevelChoice(for: inputs, within: preparation.nesting).construction
        } catch {
            throw Self.error(error)
        }
    }

    /// The first reason, when there are several.
    private static func error(_ error: LaunchError) -> SandboxError {
        switch error {
        case .sandbox(let error): error
        case .unheld(let error, let reasons):
            SandboxError(
                .refused, ([error.problem] + reasons.map(\.description)).joined(separator: "; "),
                hint: error.hint)
        case .profile:
            SandboxError(.failed, error.lines.joined(separator: "; "), hint: "mews profile check")
        }
    }

    private static func preparation(
        _ examination: Examination, _ profile: String?, _ require: Level?, _ workspace: AbsolutePath
    ) throws(SandboxError) -> Preparation {
        var request = Preparation.Request()
        request.workspace = workspace.bytes
        if let profile { request.profiles = [profile] }
        request.require = require.map { "\($0)" }
        do throws(LaunchError) {
            // Nothing is made for a workspace that is gone in a moment.
            return try Preparation(request, installation: examination.installation, changesHost: false)
        } catch {
            throw Self.error(error)
        }
    }

    /// With notifications, as in every session; where the kernel allows no listener the session goes without.
    private static func filter(
        _ policy: ProcessPolicy, _ surroundings: SyscallSurroundings
    ) throws(SandboxError) -> CommandFilter {
        do throws(SyscallFilterError) {
            return try CommandFilter(policy, isNotifying: true, surroundings: surroundings)
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
        case .stopped(let reason): throw SandboxError(.failed, reason)
        case .lost: throw SandboxError(.failed, "the sandbox was lost")
        }
    }
}
