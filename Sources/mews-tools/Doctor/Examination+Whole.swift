internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

extension Examination {
    /// The default profile around /bin/true in an empty workspace: what a launch does, with nothing left out.
    var wholeProbe: Probe {
        Probe(Self.whole) { () throws(SandboxError) in
            let workspace = try ScratchDirectory()
            defer { workspace.remove() }
            let state = try ScratchDirectory()
            defer { state.remove() }
            let (path, log) = (workspace.path, try LogPlace(stateHome: state.path))
            return try ThrowAwayChild.run { () throws(SandboxError) in try runCommand(in: path, log) }
        }
    }

    /// The command must end long before the throw-away child would be given up.
    private static let timeLimit: Int64 = 8_000_000_000

    private func runCommand(
        in workspace: AbsolutePath, _ log: LogPlace
    ) throws(SandboxError) -> String {
        var request = Preparation.Request()
        request.workspace = workspace.bytes
        let preparation: Preparation
        do throws(LaunchError) {
            // Nothing is made for a workspace that is gone in a moment.
            preparation = try Preparation(request, installation: installation, changesHost: false)
        } catch .sandbox(let error) {
            throw error
        } catch {
            throw SandboxError(.failed, error.lines.joined(separator: "; "), hint: "mews profile check")
        }
        try detachDescriptors()
        let descriptors = try StandardDescriptors(for: preparation.view)
        let filter = try Self.usualFilter()
        let kernel = try KernelProbe.facts()
        let plan = SandboxPlan(
            SandboxPlan.Inputs(
                policy: preparation.policy, view: preparation.view, facts: preparation.facts,
                workingDirectory: preparation.workspace, terminal: descriptors.terminal,
                kernel: kernel, filter: filter))
        let environment = CommandEnvironment(
            policy: preparation.policy.process, facts: preparation.facts, session: "doctor")
        let session = Session(
            command: Command([Array("/bin/true".utf8)], path: nil), environment: environment.entries,
            descriptors: descriptors, filter: CommandFilter(plain: filter, notifying: nil))
        var random = SystemRandomNumberGenerator()
        let facts = SessionFacts(
            identifier: SessionIdentifier(
                milliseconds: UInt64(Clock.realtime() / 1_000_000), using: &random),
            policy: preparation.policy, published: nil,
            view: preparation.view, host: preparation.facts, workspace: preparation.workspace,
            workingDirectory: preparation.workspace, command: session.command, log: log,
            landlockVersion: kernel.landlockVersion, reads: .off, notices: preparation.notices)
        let outcome = SessionLoop.run(plan, session, timeLimit: Self.timeLimit, facts: facts)
        return try Self.answer(to: outcome.ending, mounts: preparation.view.mounts.count)
    }

    /// The caller's terminal is none of the command's business.
    private func detachDescriptors() throws(SandboxError) {
        try Probe.step({ SandboxError(.failed, "cannot open /dev/null", errno: $0) }) { () throws(Errno) in
            let null = try Files.open(CString("/dev/null"), [.readWrite, .closeOnExec])
            for number in Int32(0)..<3 where number != null.number {
                try Files.duplicate(null.number, to: number)
            }
        }
    }

    private static func answer(to ending: Ending, mounts: Int) throws(SandboxError) -> String {
        switch ending {
        case .command(.exited(0)): return "/bin/true ran in a view of \(mounts) mounts"
        case .notBuilt(let error): throw error
        case .notExecuted(let errno):
            throw SandboxError(.failed, "/bin/true can't be executed in the sandbox", errno: errno)
        case .command(let status): throw SandboxError(.failed, "/bin/true ended with \(status)")
        case .timeout: throw SandboxError(.failed, "/bin/true didn't end in time")
        case .unlogged(let failure): throw SandboxError(.failed, failure.description)
        case .lost: throw SandboxError(.failed, "the sandbox was lost")
        }
    }
}
