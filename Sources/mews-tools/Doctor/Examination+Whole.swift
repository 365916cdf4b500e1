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
            let path = workspace.path
            return try ThrowAwayChild.run { () throws(SandboxError) in try runCommand(in: path) }
        }
    }

    /// The command must end long before the throw-away child would be given up.
    private static let timeLimit: Int64 = 8_000_000_000

    private func runCommand(in workspace: AbsolutePath) throws(SandboxError) -> String {
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
        let plan = SandboxPlan(
            SandboxPlan.Inputs(
                policy: preparation.policy, view: preparation.view, facts: preparation.facts,
                workingDirectory: preparation.workspace, terminal: descriptors.terminal,
                kernel: try KernelProbe.facts(), filter: filter))
        let environment = CommandEnvironment(
            policy: preparation.policy.process, facts: preparation.facts, session: "doctor")
        let session = Session(
            command: Command([Array("/bin/true".utf8)], path: nil), environment: environment.entries,
            descriptors: descriptors, filter: CommandFilter(plain: filter, notifying: nil))
        let ending = SessionLoop.run(plan, session, timeLimit: Self.timeLimit)
        return try Self.answer(to: ending, mounts: preparation.view.mounts.count)
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
        case .lost: throw SandboxError(.failed, "the sandbox was lost")
        }
    }
}
