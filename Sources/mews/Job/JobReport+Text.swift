internal import Sandbox
internal import Supervisor

extension JobReport {
    private static let mostNamed = 10

    /// What is said on standard error beside what every run says.
    var lines: [String] {
        var lines = Feedback.lines(summary)
        if summary.ended != .refused, summary.denied.total == 0 { lines.insert("denied: nothing", at: 0) }
        lines += contacted
        if let written {
            lines.append("written in the workspace: \(Self.counts(written))")
            lines += written.changes.prefix(Self.mostNamed).map { "  \($0.kind.rawValue) \(Self.name($0))" }
            lines += Self.more(written.changes.count)
        }
        if !writable.isEmpty { lines.append("could be written as well: \(writable.joined(separator: ", "))") }
        if let policy = summary.policy, let level = summary.level {
            lines.append("policy: \(policy.name), sha256 \(policy.digest), level \(level)")
        }
        lines.append("the command: \(ending)")
        if failedOnDenial {
            lines.append("the status is 1, because something was denied (--fail-on denied)")
        }
        return lines
    }

    private var contacted: [String] {
        let hosts = summary.network.contacted
        guard !hosts.isEmpty else { return summary.ended == .refused ? [] : ["contacted: nobody"] }
        var lines = ["contacted: \(hosts.count) host\(hosts.count == 1 ? "" : "s")"]
        lines += hosts.prefix(Self.mostNamed).map { "  \($0.name) (\(Self.traffic($0)))" }
        return lines + Self.more(hosts.count + summary.network.unnamed)
    }

    private static func more(_ count: Int) -> [String] {
        count > mostNamed ? ["  and \(count - mostNamed) more"] : []
    }
}
