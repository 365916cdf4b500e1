/// The records of a session's beginning and end.
extension RecordEncoder {
    /// session.start.
    func sessionStart(
        _ event: SessionStart, _ arguments: Redaction.CommandLine, at now: Moment,
        _ writer: inout CanonicalWriter
    ) {
        let kind = RecordClass(6002, activity: 3, severity: 1, status: 1, profiles: .both)
        activity(kind, &writer)
        actor(nil, &writer)
        writer.object("app") { $0.fragment(productMembers) }
        classification(kind, &writer)
        writer.object("device") { writer in
            writer.text("hostname", owner.hostName)
            writer.object("os") { writer in
                writer.text("kernel_release", event.kernelRelease)
                writer.literal("name", "Linux")
                writer.number("type_id", 200)
            }
            writer.number("type_id", 0)
        }
        writer.text("message", "The session starts.")
        metadata(.sessionStart, kind, &writer)
        policy(event.policy, &writer)
        writer.number("severity_id", kind.severity)
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in details(event, arguments, place, &writer) }
    }

    private func details(
        _ event: SessionStart, _ arguments: Redaction.CommandLine, _ place: MemberPlace,
        _ writer: inout CanonicalWriter
    ) {
        switch place {
        case .first:
            if let agent = event.agent { self.agent(agent, &writer) }
            writer.texts("argv", arguments.words)
        case .afterCut:
            writer.text("cwd", event.workingDirectory)
            writer.text("durability", settings.durability.rawValue)
        case .afterElapsed: break
        case .afterHash:
            writer.number("landlock_abi", event.landlockVersion)
            writer.text("level", event.level)
            writer.hexadecimal("nonce", event.nonce)
            writer.object("observed") { writer in
                if let commands = event.observation.commands { writer.text("commands", commands.rawValue) }
                if let packets = event.observation.packets { writer.text("packets", packets.rawValue) }
                writer.text("reads", event.observation.reads.rawValue)
                writer.text("writes", event.observation.writes.rawValue)
            }
            writer.text("on_failure", settings.onFailure.rawValue)
            if let parent = event.parentSession { writer.text("parent_session", parent) }
        case .last:
            profiles(event.policy, &writer)
            if arguments.replaced > 0 { writer.number("redacted", arguments.replaced) }
            if let repository = event.repository { self.repository(repository, &writer) }
            if let trace = event.traceParent, TraceContext(parent: trace, state: nil) != nil {
                writer.text("trace_parent", trace)
            }
            writer.text("workspace", event.workspace)
        }
    }

    private func agent(_ agent: AuditedAgent, _ writer: inout CanonicalWriter) {
        writer.object("agent") { writer in
            writer.text("name", agent.name)
            if let session = agent.session { writer.text("session", session) }
            if let delegate = agent.delegate { writer.text("sub_agent", delegate) }
            if let toolUse = agent.toolUse { writer.text("tool_use", toolUse) }
        }
    }

    private func repository(_ repository: SessionStart.Repository, _ writer: inout CanonicalWriter) {
        writer.object("repository") { writer in
            if let branch = repository.branch { writer.text("branch", branch) }
            if let commit = repository.commit { writer.text("commit", commit) }
            if let isDirty = repository.isDirty { writer.flag("dirty", isDirty) }
            if let url = repository.url { writer.text("url", Redaction().redact(url).bytes) }
        }
    }

    private func policy(_ policy: AuditedPolicy, _ writer: inout CanonicalWriter) {
        writer.object("policy") { writer in
            writer.flag("is_applied", true)
            writer.text("name", policy.name)
            writer.hexadecimal("uid", policy.digest)
        }
    }

    private func profiles(_ policy: AuditedPolicy, _ writer: inout CanonicalWriter) {
        let count = writer.limits.count(of: policy.files.lazy.map { $0.name.utf8.count + $0.path.count })
        if count < policy.files.count { writer.noteCut("profiles", count: policy.files.count) }
        writer.array("profiles", count: count) { writer, index in
            let file = policy.files[index]
            writer.record { writer in
                writer.text("name", file.name)
                writer.text("path", file.path)
                writer.hexadecimal("sha256", file.digest)
            }
        }
    }

    /// policy.loaded.
    func policyLoaded(_ event: PolicyLoading, at now: Moment, _ writer: inout CanonicalWriter) {
        let kind = RecordClass(5019, activity: 1, severity: 1, status: 1, profiles: .both)
        activity(kind, &writer)
        actor(nil, &writer)
        classification(kind, &writer)
        writer.fragment(device)
        writer.text("message", "The policy is in force.")
        metadata(.policyLoaded, kind, &writer)
        policy(event.policy, &writer)
        writer.number("severity_id", kind.severity)
        writer.number("state_id", 2)
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in
            switch place {
            case .afterHash:
                if !event.notes.isEmpty { writer.texts("notes", event.notes.map { Array($0.utf8) }) }
            case .last: profiles(event.policy, &writer)
            case .first, .afterCut, .afterElapsed: break
            }
        }
    }

    /// session.end, with totals that count it already.
    func sessionEnd(
        _ event: SessionEnd, _ totals: AuditTotals, _ traffic: NetworkTraffic, at now: Moment,
        _ writer: inout CanonicalWriter
    ) {
        let kind = RecordClass(
            6002, activity: 4, severity: event.cause.severity,
            status: event.cause == .exit || event.cause == .signal ? 1 : 2, profiles: .host)
        activity(kind, &writer)
        actor(nil, &writer)
        writer.object("app") { $0.fragment(productMembers) }
        classification(kind, &writer)
        writer.fragment(device)
        writer.number("duration", max(0, Int((now.monotonic - start) / 1_000_000)))
        writer.text("message", event.message)
        metadata(.sessionEnd, kind, &writer)
        writer.number("severity_id", kind.severity)
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in details(event, totals, traffic, place, &writer) }
    }

    private func details(
        _ event: SessionEnd, _ totals: AuditTotals, _ traffic: NetworkTraffic, _ place: MemberPlace,
        _ writer: inout CanonicalWriter
    ) {
        switch place {
        case .first:
            if let probes = event.allowedProbes { writer.number("allowed_probes", probes) }
        case .afterCut:
            if let detail = event.detail { writer.text("detail", detail) }
        case .afterElapsed:
            writer.text("ended", event.cause.rawValue)
        case .afterHash: break
        case .last:
            writer.number("records", link.sequence + 1)
            if let signal = event.signal { writer.number("signal", Int(signal)) }
            writer.number("status", Int(event.status))
            writer.object("totals") { writer in
                for code in EventCode.allCases where totals[code].acts > 0 {
                    writer.object(code.name) { writer in
                        writer.number("acts", totals[code].acts)
                        writer.number("lost", totals[code].lost)
                        writer.number("records", totals[code].records)
                    }
                }
            }
            guard traffic.connections > 0 else { return }
            writer.object("traffic") { writer in
                writer.number("bytes_in", Self.number(traffic.received))
                writer.number("bytes_out", Self.number(traffic.sent))
                writer.number("connections", traffic.connections)
            }
        }
    }
}

extension SessionEnd.Cause {
    fileprivate var severity: Int {
        switch self {
        case .exit, .signal: 1
        case .timeout, .refused: 3
        case .stopped: 4
        }
    }
}

extension SessionEnd {
    fileprivate var message: String {
        switch cause {
        case .exit: "The command ended with status \(status)."
        case .signal: "A signal ended the command."
        case .timeout: "The time limit ended the command."
        case .stopped: "Mews stopped the command."
        case .refused: "The command didn't start."
        }
    }
}
