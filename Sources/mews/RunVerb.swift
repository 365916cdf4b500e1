internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

/// `mews run`, `mews shell` and `mews ci`.
struct RunVerb: ~Copyable {
    private let options: RunOptions
    /// Those of descriptors 0 to 2 that the caller had closed.
    private let closed: Set<Int32>
    private let feedback: Feedback
    /// Of which agent's tool it is a call.
    private let call: AgentCall?

    /// To be made before anything else is opened, because the caller may name a descriptor.
    init(_ options: RunOptions, closed: Set<Int32>, agent call: AgentCall? = nil) throws(UsageError) {
        self.call = call
        self.options = options
        self.closed = closed
        feedback = try Feedback(options)
    }

    consuming func run() -> Never {
        let launch: Launch
        do throws(LaunchError) {
            launch = try Launch(options, closed: closed)
        } catch {
            for line in error.lines { Messages.write(line) }
            let summary = SessionSummary(refused: error.lines.first ?? "")
            feedback.give(summary, options.job.map { _ in JobReport(refused: summary) }, view: nil)
            Processes.exitNow(summary.status)
        }
        if !options.isQuiet, !options.hidesNotices { launch.notices.forEach(Messages.write) }
        // Also when Mews is to be quiet: whoever gets less than usual has to know.
        if let notice = launch.choice.notice { Messages.write(notice) }
        if options.isDryRun {
            Messages.print(launch.description)
            Processes.exitNow(0)
        }
        let before = snapshot(launch)
        var facts = launch.facts
        let isToldLater = call?.complete(&facts) ?? false
        var (ending, summary) = SessionLoop.run(
            launch.plan, launch.session, timeLimit: launch.timeLimit, facts: facts)
        if case .notBuilt(let error) = ending {
            let error = launch.completing(error)
            ending = .notBuilt(error)
            summary.detail = error.description
        }
        call?.handBack(summary, workspace: facts.workspace)
        launch.reportAppeared()
        Self.say(ending, launch)
        if let trouble = summary.log?.trouble, summary.ended != .stopped, summary.ended != .refused {
            Messages.write("\(trouble); the command went on without it (audit: on-failure)")
        }
        let failedOnDenial = fails(on: summary)
        if failedOnDenial { summary.status = 1 }
        let report = options.job.map { _ in
            JobReport(summary, launch, since: before, failedOnDenial: failedOnDenial)
        }
        // The model would otherwise read the same twice.
        if !isToldLater { feedback.give(summary, report, view: launch.plan.view) }
        // So that a shell that waits for Mews sees what it would have seen of the command.
        if let signal = summary.signal, [Signals.interrupt, Signals.quit, Signals.terminate].contains(signal)
        {
            Signals.die(of: signal)
        }
        Processes.exitNow(summary.status)
    }

    /// What the workspace holds before a job that can write it.
    private func snapshot(_ launch: Launch) -> TreeSnapshot? {
        guard options.job != nil, launch.plan.view.access(to: launch.facts.workspace) == .write else {
            return nil
        }
        return TreeSnapshot(of: launch.facts.workspace)
    }

    /// Whether a command that ended well counts as failed. Every other status says already that something is wrong, and
    /// what.
    private func fails(on summary: SessionSummary) -> Bool {
        options.job?.failsOnDenial == true && summary.ended == .exit && summary.status == 0
            && summary.denied.total > 0
    }

    /// Says why the status isn't the command's own.
    private static func say(_ ending: Ending, _ launch: Launch) {
        switch ending {
        case .command: break
        case .unlogged(let failure):
            Messages.write("\(failure); the command was stopped")
        case .stopped(let reason):
            Messages.write("\(reason); the command was stopped")
        case .lost:
            Messages.write(
                "the sandbox was lost while the command ran; its init was killed from outside, or the host has no "
                    + "memory left (dmesg)")
        case .timeout:
            let limit = launch.policy.process.limits.time.map { " (\($0.origin))" } ?? ""
            Messages.write("the time limit ended the command\(limit)")
        case .notBuilt(let error):
            Messages.write(error.description)
        case .notExecuted(let errno):
            let name = PrintableText.escape(launch.session.command.name)
            let isMissing = errno == .noEntry || errno == .notDirectory
            Messages.write("\(name): \(errno)\(isMissing ? " in the sandbox" : "")")
        }
    }
}
