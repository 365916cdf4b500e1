internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

/// `mews run` and `mews shell`.
struct RunVerb {
    private let options: RunOptions
    /// Those of descriptors 0 to 2 that the caller had closed.
    private let closed: Set<Int32>

    /// Exit statuses of the contract; the command's own are passed on.
    private enum Status {
        static let lost: Int32 = 123
        static let timeout: Int32 = 124
        static let notStarted: Int32 = 125
        static let notExecutable: Int32 = 126
        static let notFound: Int32 = 127
        static let signalBase: Int32 = 128
    }

    init(_ options: RunOptions, closed: Set<Int32>) {
        self.options = options
        self.closed = closed
    }

    func run() -> Never {
        let launch: Launch
        do throws(LaunchError) {
            launch = try Launch(options, closed: closed)
        } catch {
            for line in error.lines { Messages.write(line) }
            Processes.exitNow(Status.notStarted)
        }
        if !options.isQuiet { launch.notices.forEach(Messages.write) }
        if options.isDryRun {
            Messages.print(launch.description)
            Processes.exitNow(0)
        }
        let ending = SessionLoop.run(launch.plan, launch.session, timeLimit: launch.timeLimit)
        launch.reportAppeared()
        leave(ending, launch)
    }

    private func leave(_ ending: Ending, _ launch: Launch) -> Never {
        switch ending {
        case .command(.exited(let status)):
            Processes.exitNow(status)
        case .command(.signalled(let signal)):
            // So that a shell that waits for Mews sees what it would have seen of the command.
            if [Signals.interrupt, Signals.quit, Signals.terminate].contains(signal) {
                Signals.die(of: signal)
            }
            Processes.exitNow(Status.signalBase + signal)
        case .command(.stopped), .lost:
            Messages.write("the sandbox was lost while the command ran")
            Processes.exitNow(Status.lost)
        case .timeout:
            let limit = launch.policy.process.limits.time.map { " (\($0.origin))" } ?? ""
            Messages.write("the time limit ended the command\(limit)")
            Processes.exitNow(Status.timeout)
        case .notBuilt(let error):
            Messages.write(error.description)
            Processes.exitNow(Status.notStarted)
        case .notExecuted(let errno):
            let name = PrintableText.escape(launch.session.command.name)
            let isMissing = errno == .noEntry || errno == .notDirectory
            Messages.write("\(name): \(errno)\(isMissing ? " in the sandbox" : "")")
            Processes.exitNow(isMissing ? Status.notFound : Status.notExecutable)
        }
    }
}
