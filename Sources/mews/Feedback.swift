internal import Audit
internal import Linux
internal import Sandbox
internal import Supervisor

/// What is said of a session when it is over: a few lines for people, or one of JSON for programs.
struct Feedback: ~Copyable {
    private let form: RunOptions.Summary
    /// Where the line of JSON goes.
    private let place: FileDescriptor?
    /// Where a job's report is shown.
    private let step: StepSummary?

    /// How many things are named.
    private static let mostNamed = 3

    /// Opens what the line of JSON goes to, before anything else can have the descriptor's number.
    ///
    /// - Throws: when there is nothing to write to.
    init(_ options: RunOptions) throws(UsageError) {
        form = options.summary ?? (options.isQuiet ? .none : .text)
        step = options.job == nil || options.isDryRun ? nil : Self.openStep()
        guard case .json(let wanted) = form else {
            place = nil
            return
        }
        do throws(Errno) {
            place = try Self.open(wanted)
        } catch {
            throw UsageError(message: "cannot write the summary: \(error)", status: 125)
        }
    }

    /// A variable that leads nowhere is no reason not to run.
    private static func openStep() -> StepSummary? {
        do throws(StepSummary.Refusal) {
            return try StepSummary.open(
                environment: Arguments.environment(), user: Processes.identity().user)
        } catch {
            Messages.write("no step summary: \(error.reason)")
            return nil
        }
    }

    private static func open(_ place: RunOptions.SummaryPlace) throws(Errno) -> FileDescriptor {
        // Out of the way of what the command gets.
        let first: Int32 = 3
        switch place {
        case .standardError: return try Files.duplicate(2, from: first)
        case .descriptor(let number): return try Files.duplicate(number, from: first)
        case .file(let path):
            guard !path.contains(0) else { throw .invalidArgument }
            return try Files.open(
                CString(path), [.write, .create, .truncate, .noControllingTerminal, .closeOnExec], mode: 0o644
            )
        }
    }

    /// Says it. What can't be said changes nothing any more: the status stands.
    ///
    /// - Parameters:
    ///   - summary: of the session.
    ///   - report: of a job; nil for the other verbs.
    ///   - view: what the command saw; nil when there was none.
    func give(_ summary: SessionSummary, _ report: JobReport?, view: View?) {
        if let report { give(report, view) }
        switch form {
        case .none: break
        case .text: (report?.lines ?? Self.lines(summary)).forEach(Messages.write)
        case .json:
            let number: Int32 =
                switch place {
                case .some(let place): place.number
                case .none: 2
                }
            try? Files.writeAll(number, SummaryRecord(summary, report).bytes)
        }
    }

    private func give(_ report: JobReport, _ view: View?) {
        switch step {
        case .some(let step):
            do throws(StepSummary.Refusal) {
                try step.append(report.markdown, after: view)
            } catch {
                Messages.write("no step summary: \(error.reason)")
            }
        case .none: break
        }
    }

    /// Nothing unless something was denied or got lost.
    static func lines(_ summary: SessionSummary) -> [String] {
        let denied = summary.denied
        // That the time is over is said already, because it ended the command.
        let limits = summary.limits.filter { $0.name != "time" }
        let isQuiet = denied.total == 0 && (summary.log?.lost ?? 0) == 0 && summary.network.deaths == 0
        if isQuiet && limits.isEmpty { return [] }
        var lines = ["denied: \(denied.total == 0 ? "nothing" : counts(denied))" + unseen(summary)]
        for entry in denied.mostUseful(mostNamed) {
            let times = entry.count > 1 ? " (\(entry.count) times)" : ""
            lines.append("  \(entry.message)\(times)")
            if let rule = entry.rule { lines.append("    rule: \(rule)") }
            if let fix = entry.fix { lines.append("    to allow it: \(fix)") }
        }
        lines += limits.map { "  limit reached: \($0.name): \($0.message)" }
        if let death = summary.network.lastDeath {
            let times = summary.network.deaths > 1 ? " (\(summary.network.deaths) times)" : ""
            lines.append("  \(death)\(times)")
        }
        if let lost = summary.log?.lost, lost > 0 {
            let reason = summary.log?.trouble == nil ? "there were too many" : "the log could not be written"
            lines.append("  \(lost) of what happened have no record of their own: \(reason)")
        }
        if let log = summary.log, let session = summary.session {
            lines.append("  all of it: mews audit show \(log.isElsewhere ? log.path : session)")
        }
        return lines
    }

    private static func counts(_ denied: DenialTally) -> String {
        let names: [(DenialTally.Kind, String, String)] = [
            (.reads, "read", "reads"), (.writes, "write", "writes"), (.calls, "system call", "system calls"),
            (.sockets, "socket", "sockets"), (.network, "network request", "network requests"),
        ]
        return names.compactMap { kind, one, many in
            let count = denied.count(of: kind)
            return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
        }.joined(separator: ", ")
    }

    private static func unseen(_ summary: SessionSummary) -> String {
        switch (summary.observed.reads, summary.observed.writes) {
        case (true, true):
            summary.observed.packets ? "" : "; connections to where nobody listens aren't seen here"
        case (false, true): "; denied reads aren't seen here (mews doctor says why)"
        case (true, false): "; denied writes and calls aren't seen here"
        case (false, false): "; nothing is seen here (mews doctor says why)"
        }
    }
}
