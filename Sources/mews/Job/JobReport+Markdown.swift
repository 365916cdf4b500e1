internal import Sandbox
internal import Supervisor

extension JobReport {
    /// How much is named of each kind: the page of a step has room for 1 MiB.
    private static let mostRows = 100

    /// The same as a piece of a Markdown page.
    ///
    /// Names come from inside and may hold anything. They stand in HTML blocks, in which Markdown means nothing
    /// (CommonMark, "HTML blocks"), with every character written as a number that could end the block or start a tag.
    var markdown: String {
        var text = "### Mews: \(headline)\n\n" + facts
        text += table(
            "Denied: \(summary.denied.total)", ["times", "what", "by which line", "what would allow it"],
            summary.denied.mostUseful(Self.mostRows).map { entry in
                ["\(entry.count)", entry.message, entry.rule ?? "", entry.fix ?? ""]
            })
        let hosts = summary.network.contacted
        text += table(
            "Contacted: \(hosts.count + summary.network.unnamed)", ["host", "how much"],
            hosts.prefix(Self.mostRows).map { [$0.name, Self.traffic($0)] })
        if let written {
            text += table(
                "Written in the workspace: \(Self.counts(written))", ["how", "path"],
                written.changes.prefix(Self.mostRows).map { [$0.kind.rawValue, Self.name($0)] })
        }
        return text
    }

    private var headline: String {
        if summary.ended == .refused { return "nothing was started" }
        let denied = summary.denied.total == 0 ? "nothing denied" : "\(summary.denied.total) denied"
        return failedOnDenial ? "failed, \(denied)" : denied
    }

    /// What there is one of.
    private var facts: String {
        var rows: [(String, String)] = [("the command", ending)]
        if !command.isEmpty { rows.append(("was", command)) }
        if let detail = summary.detail { rows.append(("because", detail)) }
        if let policy = summary.policy { rows.append(("policy", "\(policy.name), sha256 \(policy.digest)")) }
        if let level = summary.level { rows.append(("level", level)) }
        if summary.ended != .refused { rows.append(("denials are seen", seen)) }
        for configuration in masked {
            let found = configuration.found.joined(separator: ", ")
            rows.append(("kept from the command", "\(found) in \(configuration.path)"))
        }
        if !writable.isEmpty { rows.append(("could be written as well", writable.joined(separator: ", "))) }
        if let log = summary.log, let session = summary.session {
            rows.append(("log", log.path))
            // What stands here can't be reached by whoever changes the log afterwards.
            rows.append(("checkpoint", "mews.checkpoint.v1 \(session) \(log.records) \(log.hash)"))
            if log.lost > 0 { rows.append(("without a record", "\(log.lost)")) }
        }
        var text = "<table>\n"
        for (name, value) in rows {
            text += "<tr><th>\(name)</th><td><code>\(Self.escaped(value))</code></td></tr>\n"
        }
        return text + "</table>\n\n"
    }

    private var seen: String {
        let (reads, writes, packets) = (
            summary.observed.reads, summary.observed.writes, summary.observed.packets
        )
        return
            "reads \(reads ? "yes" : "no"), writes and calls \(writes ? "yes" : "no"), network \(packets ? "yes" : "in part")"
    }

    private func table(_ title: String, _ names: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "\(title)\n\n" }
        var text = "<details><summary>\(Self.escaped(title))</summary>\n<table>\n<tr>"
        text += names.map { "<th>\($0)</th>" }.joined() + "</tr>\n"
        for row in rows {
            text += "<tr>" + row.map { "<td><code>\(Self.escaped($0))</code></td>" }.joined() + "</tr>\n"
        }
        return text + "</table>\n</details>\n\n"
    }

    /// Text of HTML in which nothing is markup, a mention, a link or a formula: whatever isn't a letter, a digit or
    /// harmless is written as its number, and what acts on a page or a terminal as its code point.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7f...0x9f, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff:
                escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x20, 0x2c, 0x2d, 0x2e, 0x2f, 0x80...:
                escaped.unicodeScalars.append(scalar)
            default:
                escaped += "&#\(scalar.value);"
            }
        }
        return escaped
    }
}
