internal import Audit
internal import Linux

/// A process inside that runs a program, or is about to.
struct WatchedProcess {
    /// A program that it runs.
    struct Run {
        var program: [UInt8]
        /// When it started, by the monotonic clock.
        var start: Int64
        var parent: AuditedParent
    }

    /// An execve(2) that was let go on and of which it isn't known yet whether it succeeded.
    struct Attempt {
        var execution: CommandExecution
        /// When it was let go on, by the monotonic clock.
        var start: Int64
        /// Where its image was before.
        var places: [UInt64]
        /// Whether it is taken for successful when nothing tells any more.
        var isLikely: Bool
        /// How often it was looked at, and when it is the next time; nil when only what the process does next
        /// is waited for.
        var looks = 0
        var nextLook: Int64?
    }

    /// What its exit_group(2) said.
    struct Exit {
        var status: Int32
        var peakMemory: Int?
        var time: Int64
    }

    /// Its number inside and on the host.
    let process: Int32
    let hostProcess: Int32
    /// When it started, which tells it from a later one with the same number.
    let start: UInt64
    /// A descriptor of it, which whoever removes it has to close.
    let descriptor: Int32
    /// Whether it is the session's own command, whose records others write.
    let isSession: Bool
    /// What it runs; nil before the first execve(2) that succeeded.
    var run: Run?
    var attempt: Attempt?
    var exit: Exit?
}

extension WatchedProcess {
    /// The record of its end.
    func ending(_ status: WaitStatus?, at now: Int64) -> CommandExit? {
        guard !isSession, let run else { return nil }
        let outcome: CommandExit.Outcome =
            switch status {
            case .exited(let status): .status(status)
            case .signalled(let signal): .signal(signal)
            case .stopped, nil: exit.map { .status($0.status) } ?? .unknown
            }
        let isKilled = if case .signal = outcome { true } else { false }
        var event = CommandExit(
            process: process, hostProcess: hostProcess, program: run.program, outcome: outcome,
            milliseconds: Int(max(0, (exit?.time ?? now) - run.start) / 1_000_000),
            peakMemory: isKilled ? nil : exit?.peakMemory)
        event.parent = run.parent
        return event
    }
}
