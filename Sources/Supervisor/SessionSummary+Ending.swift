internal import Audit
internal import Linux
internal import Sandbox

extension SessionSummary {
    /// The exit statuses of the contract; the command's own are passed on.
    enum Status {
        static let stopped: Int32 = 123
        static let timeout: Int32 = 124
        static let notStarted: Int32 = 125
        static let notExecutable: Int32 = 126
        static let notFound: Int32 = 127
        static let signalBase: Int32 = 128
    }

    /// What an ending means for whoever called.
    public init(_ ending: Ending) {
        switch ending {
        case .command(.exited(let status)):
            self.init(ended: .exit, status: status)
        case .command(.signalled(let signal)), .command(.stopped(let signal)):
            self.init(ended: .signal, status: Status.signalBase + signal)
            self.signal = signal
        case .timeout:
            self.init(ended: .timeout, status: Status.timeout)
        case .notBuilt(let error):
            self.init(ended: .refused, status: Status.notStarted)
            detail = error.description
        case .notExecuted(let errno):
            let isMissing = errno == .noEntry || errno == .notDirectory
            self.init(ended: .exit, status: isMissing ? Status.notFound : Status.notExecutable)
        case .unlogged(let failure):
            self.init(ended: .stopped, status: Status.stopped)
            detail = failure.description
        case .stopped(let reason):
            self.init(ended: .stopped, status: Status.stopped)
            detail = reason
        case .lost:
            self.init(ended: .stopped, status: Status.stopped)
            detail = "the sandbox was lost while the command ran"
        }
    }

    /// The same, when the end of the session could not be written down.
    func stopped(_ failure: AuditFailure) -> SessionSummary {
        var summary = self
        summary.ended = .stopped
        summary.status = Status.stopped
        summary.signal = nil
        summary.detail = failure.description
        return summary
    }

    /// Of a session that was refused before anything was made.
    public init(refused detail: String) {
        self.init(ended: .refused, status: Status.notStarted)
        self.detail = detail
    }
}
