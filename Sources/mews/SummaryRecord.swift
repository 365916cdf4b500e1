internal import Audit
internal import Linux
internal import Sandbox
internal import Supervisor

/// The summary as one line of JSON (RFC 8259), members in alphabetic order.
struct SummaryRecord {
    private var text = "{"

    /// Puts it together.
    ///
    /// - Parameters:
    ///   - summary: of the session.
    ///   - report: of a job, which has more to say; nil for the other verbs.
    init(_ summary: SessionSummary, _ report: JobReport?) {
        object("denied") { record in
            for (name, kind) in Self.kinds { record.number(name, summary.denied.count(of: kind)) }
            record.number("total", summary.denied.total)
        }
        if let detail = summary.detail { string("detail", detail) }
        number("duration_ms", Int(summary.duration))
        string("ended", summary.ended.rawValue)
        if report?.failedOnDenial == true { string("failed_on", "denied") }
        if let level = summary.level { string("level", level) }
        array("limits", summary.limits) { record, limit in
            record.string("message", limit.message)
            record.string("name", limit.name)
            if let rule = limit.rule { record.string("rule", rule.origin) }
            record.number("threshold", limit.threshold)
            record.string("unit", limit.unit.rawValue)
            if let value = limit.value { record.number("value", value) }
        }
        if let log = summary.log {
            object("log") { record in
                record.string("hash", log.hash)
                record.number("lost", log.lost)
                record.string("path", log.path)
                record.number("records", log.records)
                if let trouble = log.trouble { record.string("trouble", trouble) }
            }
        }
        if let report { masked(report.masked) }
        network(summary.network)
        object("observed") { record in
            record.number("notifications", summary.observed.notifications)
            record.flag("packets", summary.observed.packets)
            record.flag("reads", summary.observed.reads)
            record.number("requests", summary.observed.requests)
            record.flag("writes", summary.observed.writes)
        }
        if let policy = summary.policy {
            object("policy") { record in
                record.string("digest", policy.digest)
                record.string("name", policy.name)
            }
        }
        if let session = summary.session { string("session", session) }
        if let signal = summary.signal { number("signal", Int(signal)) }
        number("status", Int(summary.status))
        let named = report == nil ? Self.mostNamed : Self.mostNamedOfJob
        array("useful", summary.denied.mostUseful(named)) { record, entry in
            record.number("count", entry.count)
            if let fix = entry.fix { record.string("fix", fix) }
            record.string("message", entry.message)
            if let rule = entry.rule { record.string("rule", rule) }
        }
        number("version", 1)
        if let written = report?.written { self.written(written) }
        text += "}\n"
    }

    /// How many denials are named.
    private static let mostNamed = 3
    /// Of a job all are, up to as many as are kept.
    private static let mostNamedOfJob = 256
    private static let mostChanges = 256
    private static let kinds: [(String, DenialTally.Kind)] = [
        ("calls", .calls), ("network", .network), ("reads", .reads), ("sockets", .sockets),
        ("writes", .writes),
    ]

    private mutating func network(_ network: NetworkTally) {
        object("network") { record in
            record.array("contacted", network.contacted) { record, host in
                record.number("connections", host.count)
                record.string("host", host.name)
                record.number("received", Self.number(host.received))
                record.number("sent", Self.number(host.sent))
            }
            record.array("denied", network.denied) { record, host in
                record.number("count", host.count)
                record.string("host", host.name)
            }
            record.number("door_ended", network.deaths)
            record.number("unnamed", network.unnamed)
        }
    }

    private mutating func masked(_ configurations: [MaskedConfiguration]) {
        array("masked", configurations) { record, configuration in
            record.string("path", configuration.path.description)
            record.string("settings", configuration.found.joined(separator: " "))
        }
    }

    private mutating func written(_ written: TreeSnapshot.Comparison) {
        object("written") { record in
            record.array("changes", Array(written.changes.prefix(Self.mostChanges))) { record, change in
                record.string("kind", change.kind.rawValue)
                record.string("path", PrintableText.escape(change.path))
            }
            record.flag("complete", written.isComplete)
            record.number("git", written.gitFiles)
            record.number("total", written.changes.count)
        }
    }

    /// One that every reader of JSON keeps.
    private static func number(_ value: UInt64) -> Int { Int(min(value, 1 << 53)) }

    /// The line with its end.
    var bytes: [UInt8] { Array(text.utf8) }

    private mutating func name(_ name: String) {
        if text.last != "{" { text += "," }
        text += "\"\(name)\":"
    }

    private mutating func number(_ name: String, _ value: Int) {
        self.name(name)
        text += "\(value)"
    }

    private mutating func flag(_ name: String, _ value: Bool) {
        self.name(name)
        text += "\(value)"
    }

    private mutating func string(_ name: String, _ value: String) {
        self.name(name)
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private mutating func object(_ name: String, _ body: (inout SummaryRecord) -> Void) {
        self.name(name)
        text += "{"
        body(&self)
        text += "}"
    }

    private mutating func array<Element>(
        _ name: String, _ elements: [Element], _ body: (inout SummaryRecord, Element) -> Void
    ) {
        self.name(name)
        text += "["
        for (index, element) in elements.enumerated() {
            text += index == 0 ? "{" : ",{"
            body(&self, element)
            text += "}"
        }
        text += "]"
    }
}
