internal import Linux

/// Records of the command, and of the limits it met.
extension RecordEncoder {
    /// command.exec.
    func commandExec(
        _ event: CommandExecution, _ arguments: Redaction.CommandLine, at now: Moment,
        _ writer: inout CanonicalWriter
    ) {
        let kind = RecordClass(
            1007, activity: 1, severity: 1, status: event.failure == nil ? 1 : 2, verdict: 1,
            profiles: .securityControl)
        activity(kind, &writer)
        actor(nil, &writer)
        classification(kind, &writer)
        writer.fragment(device)
        disposition(kind, &writer)
        let outcome = event.failure.map { "failed to start: \($0)" } ?? "starts"
        writer.text("message", "\(PrintableText.escape(event.program)) \(outcome).")
        metadata(.commandExec, kind, &writer)
        writer.object("process") { writer in
            writer.text("cmd_line", arguments.quoted)
            command(event.program, event.process, event.parent, &writer)
            writer.text("working_directory", event.workingDirectory)
        }
        writer.number("severity_id", kind.severity)
        if let errno = event.failure { writer.text("status_code", errno.name ?? "E\(errno.code)") }
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in
            if place == .afterHash, let number = event.hostProcess { writer.number("host_pid", Int(number)) }
        }
    }

    private func command(
        _ program: [UInt8], _ process: Int32, _ parent: AuditedParent?, _ writer: inout CanonicalWriter
    ) {
        file("file", program, type: .regular, &writer)
        writer.text("name", Self.lastComponent(of: program))
        if let parent {
            writer.object("parent_process") { writer in
                writer.text("name", parent.name)
                writer.number("pid", Int(parent.process))
            }
        }
        writer.number("pid", Int(process))
    }

    /// command.exit.
    func commandExit(_ event: CommandExit, at now: Moment, _ writer: inout CanonicalWriter) {
        let kind = RecordClass(
            1007, activity: 2, severity: 1, status: event.outcome.status, profiles: .none)
        activity(kind, &writer)
        actor(nil, &writer)
        classification(kind, &writer)
        writer.fragment(device)
        writer.number("duration", event.milliseconds)
        if case .status(let status) = event.outcome { writer.number("exit_code", Int(status)) }
        writer.text("message", "\(PrintableText.escape(event.program)) \(event.outcome.words).")
        metadata(.commandExit, kind, &writer)
        writer.object("process") { command(event.program, event.process, event.parent, &$0) }
        writer.number("severity_id", kind.severity)
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in
            switch place {
            case .afterHash:
                if let number = event.hostProcess { writer.number("host_pid", Int(number)) }
                if let memory = event.peakMemory { writer.number("peak_memory_kib", memory) }
            case .last:
                if case .signal(let signal) = event.outcome { writer.number("signal", Int(signal)) }
            case .first, .afterCut, .afterElapsed: break
            }
        }
    }

    /// limit.exceeded.
    func limitExceeded(_ event: LimitExcess, at now: Moment, _ writer: inout CanonicalWriter) {
        let kind = RecordClass(2004, activity: 1, severity: 3, status: 1, verdict: 2, profiles: .both)
        activity(kind, &writer)
        actor(nil, &writer)
        classification(kind, &writer)
        writer.fragment(device)
        disposition(kind, &writer)
        writer.object("finding_info") { writer in
            writer.text("title", "limit exceeded: \(event.name)")
            writer.text("uid", "\(owner.session)/\(link.sequence)")
        }
        writer.text("message", event.message)
        metadata(.limitExceeded, kind, &writer)
        writer.number("severity_id", kind.severity)
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in
            switch place {
            case .afterHash:
                writer.object("limit") { writer in
                    writer.text("name", event.name)
                    writer.number("threshold", event.threshold)
                    writer.text("unit", event.unit.rawValue)
                    if let value = event.value { writer.number("value", value) }
                }
            case .last:
                if let rule = event.rule { self.rule(rule, &writer) }
            case .first, .afterCut, .afterElapsed: break
            }
        }
    }
}

extension CommandExit.Outcome {
    /// OCSF's `status_id`.
    fileprivate var status: Int {
        switch self {
        case .unknown: 0
        case .status(0): 1
        case .status, .signal: 2
        }
    }

    fileprivate var words: String {
        switch self {
        case .status(let status): "ended with status \(status)"
        case .signal(let signal): "was ended by signal \(signal)"
        case .unknown: "ended, nobody saw how"
        }
    }
}
