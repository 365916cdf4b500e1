/// What is to be said of one session's log.
public struct Verdict: Sendable {
    /// The session; nil for an empty log that no name tells of.
    public let session: String?
    /// The state that goes before all others that hold.
    public let state: LogState
    /// Everything that was found, the most important first.
    public let findings: [Finding]
    /// What the log itself gave; nil where there is none.
    public let report: LogReport?

    /// Judges a log.
    ///
    /// - Parameters:
    ///   - session: whose log it is, as far as its name tells.
    ///   - report: what reading it gave, with the same ledger; nil when there is no log.
    ///   - ledger: what the ledger says, if there is one.
    ///   - isBesideLedger: whether the log lies where the ledger's sessions have theirs, so that it has to be known.
    public init(session: String?, report: LogReport?, ledger: Ledger?, isBesideLedger: Bool) {
        let name = session ?? report?.session
        let entry = name.flatMap { ledger?.sessions[$0] }
        var found = report?.findings ?? []
        if let report {
            if report.isSound { found += Self.findings(report, entry) }
            if isBesideLedger, let ledger, ledger.isSound, entry == nil, report.hasCommand {
                found.append(Finding(.missing, .ledger, "the ledger doesn't know this session"))
            }
        } else {
            found.append(Finding(.missing, .log, "there is no log of this session"))
        }
        found.sort { $0.state < $1.state }
        self.session = name
        self.report = report
        findings = found
        let quiet: LogState = report?.isAnchored == true ? .ok : .unanchored
        state = min(found.first?.state ?? quiet, quiet)
    }

    /// The same with what is wrong with the ledger that it was held against.
    public func with(_ ledger: Ledger) -> Verdict {
        guard !ledger.isSound else { return self }
        return Verdict(self, findings: (ledger.findings + findings).sorted { $0.state < $1.state })
    }

    private init(_ other: Verdict, findings: [Finding]) {
        session = other.session
        report = other.report
        self.findings = findings
        state = min(findings.first?.state ?? other.state, other.state)
    }

    private static func findings(_ report: LogReport, _ entry: Ledger.Session?) -> [Finding] {
        var found: [Finding] = []
        if let close = entry?.close {
            if report.records > close.records {
                found.append(Finding(.tampered, .log, line: close.records + 1, "more than the ledger closed"))
            }
            if close.lost > 0 {
                found.append(Finding(.gaps, .ledger, "\(close.lost) acts have no record of their own"))
            }
        }
        if !report.isClosed {
            let torn = report.torn > 0 ? ", and \(report.torn) bytes that aren't a record" : ""
            found.append(
                Finding(.unclosed, .log, line: report.records + 1, "the log ends without session.end\(torn)"))
        }
        if report.gaps > 0 {
            found.append(
                Finding(
                    .gaps, .log,
                    "acts without a record of their own, as audit.gap tells (\(report.gaps) of them)"))
        }
        return found
    }

    /// What to keep elsewhere, so that the log can be held against it later; nil without a sound record.
    public var checkpoint: Checkpoint? {
        guard state > .truncated, let session, let report, let hash = report.lastHash else { return nil }
        return Checkpoint(session: session, records: report.records, hash: hash)
    }
}
