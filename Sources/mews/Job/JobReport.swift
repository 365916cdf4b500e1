internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

/// What a reviewer of a job wants to know: what was denied, who was contacted, what was written, and under which rules.
struct JobReport {
    /// How the session ended.
    let summary: SessionSummary
    /// The command with its arguments, secrets taken out, in printable characters; empty when nothing was started.
    let command: String
    /// What of the workspace is other than before; nil when the command couldn't write it.
    let written: TreeSnapshot.Comparison?
    /// Other places of the host that the command could write.
    let writable: [String]
    /// The configurations that were shown without their credentials.
    let masked: [MaskedConfiguration]
    /// Whether the status is 1 because something was denied.
    let failedOnDenial: Bool

    /// Of a job of which nothing was started.
    init(refused summary: SessionSummary) {
        self.summary = summary
        command = ""
        written = nil
        writable = []
        masked = []
        failedOnDenial = false
    }

    /// Of a job that has run.
    init(_ summary: SessionSummary, _ launch: Launch, since before: TreeSnapshot?, failedOnDenial: Bool) {
        self.summary = summary
        self.failedOnDenial = failedOnDenial
        let words = launch.session.command.arguments.map(\.bytes)
        let redaction = Redaction(literals: launch.policy.audit.redact.map { Array($0.value.utf8) })
        command = redaction.redact(words: words, limit: 1024).words.map { PrintableText.escape($0) }.joined(
            separator: " ")
        written = before?.compared()
        masked = launch.plan.view.masked
        let workspace = launch.facts.workspace
        writable = launch.plan.view.mounts.compactMap { mount in
            guard case .host = mount.source, mount.access == .write, mount.reason == .grant,
                !workspace.contains(mount.destination)
            else { return nil }
            return mount.destination.description
        }
    }

    /// `created` and its like, with how many there are; without those of which there are none.
    static func counts(_ written: TreeSnapshot.Comparison) -> String {
        var counts: [String] = []
        for kind in [TreeSnapshot.Change.Kind.created, .changed, .removed] {
            let count = written.changes.count { $0.kind == kind }
            if count > 0 { counts.append("\(count) \(kind.rawValue)") }
        }
        if written.gitFiles > 0 { counts.append("\(written.gitFiles) in .git") }
        let text = counts.isEmpty ? "nothing" : counts.joined(separator: ", ")
        return written.isComplete ? text : text + "; there is more than was looked at"
    }

    /// One changed path as it is printed.
    static func name(_ change: TreeSnapshot.Change) -> String {
        PrintableText.escape(change.path) + (change.isDirectory ? "/" : "")
    }

    /// One host that was reached as it is printed, behind its name.
    static func traffic(_ host: NetworkTally.Host) -> String {
        "\(host.count) connection\(host.count == 1 ? "" : "s"), \(host.sent) bytes out, \(host.received) in"
    }

    /// How it ended, in a few words.
    var ending: String {
        let how =
            switch summary.ended {
            case .exit: "ended with status \(failedOnDenial ? 0 : summary.status)"
            case .signal: "ended by signal \(summary.signal ?? 0)"
            case .timeout: "ended by the time limit"
            case .stopped: "stopped by Mews"
            case .refused: "not started"
            }
        return summary.ended == .refused ? how : "\(how) after \(summary.duration) ms"
    }
}
