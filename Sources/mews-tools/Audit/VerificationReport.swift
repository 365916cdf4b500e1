internal import Audit
internal import Linux

/// The answer of `mews audit verify`.
struct VerificationReport: Encodable {
    struct Finding: Encodable {
        let state: String
        let place: String
        let line: Int?
        let message: String

        init(_ finding: Audit.Finding) {
            state = finding.state.rawValue
            place = finding.place.rawValue
            line = finding.line
            message = finding.message
        }
    }

    struct Session: Encodable {
        let session: String?
        let log: String
        /// nil when the log can't be read.
        let state: String?
        let problem: String?
        let records: Int
        let checkpoint: String?
        let findings: [Finding]

        init(_ item: Verification.Item) {
            session = item.verdict?.session
            log = item.log.description
            state = item.verdict?.state.rawValue
            problem = item.problem?.description
            records = item.verdict?.report?.records ?? 0
            checkpoint = item.verdict?.checkpoint?.description
            findings = item.verdict?.findings.map(Finding.init) ?? []
        }
    }

    struct LedgerPart: Encodable {
        let path: String
        let sound: Bool
        let entries: Int
        let sessions: Int
        let torn: Int
        let findings: [Finding]

        init(_ ledger: Ledger, _ path: AbsolutePath) {
            self.path = path.description
            sound = ledger.isSound
            entries = ledger.entries
            sessions = ledger.sessions.count
            torn = ledger.torn
            findings = ledger.findings.map(Finding.init)
        }
    }

    /// The state that goes before all others of the sessions and the ledger; nil when it can't be decided.
    let state: String?
    let sessions: [Session]
    let ledger: LedgerPart?
    private let exitStatus: Int32

    private enum CodingKeys: CodingKey {
        case state, sessions, ledger
    }

    init(_ items: [Verification.Item], ledger: Ledger?, at path: AbsolutePath?) {
        var states = items.compactMap { $0.verdict?.state }
        if let ledger, !ledger.isSound { states.append(.tampered) }
        let worst = states.min()
        // What was changed is known even where something else can't be read.
        let isUndecided = items.contains { $0.verdict == nil } && (worst.map { $0 > .untrustedKey } ?? true)
        state = isUndecided ? nil : worst?.rawValue
        exitStatus =
            isUndecided ? Outcome.undecided.rawValue : worst?.exitStatus ?? Outcome.undecided.rawValue
        sessions = items.map(Session.init)
        self.ledger = ledger.flatMap { ledger in path.map { LedgerPart(ledger, $0) } }
    }

    /// The exit status of the verb.
    var status: Int32 { exitStatus }
}

extension VerificationReport: CustomStringConvertible {
    /// A line for each session with what was found below it, then the ledger.
    var description: String {
        var text = ""
        for session in sessions {
            let state = (session.state ?? "unreadable").padding(to: 12)
            let name = session.session.map { PrintableText.escape(Array($0.utf8)) } ?? session.log
            text += "\(state)  \(name)  \(session.records) records\n"
            if let problem = session.problem { text += Self.remark(session.log, nil, problem) }
            for finding in session.findings {
                text += Self.remark(
                    finding.place == "log" ? session.log : "the ledger", finding.line, finding.message)
            }
            if let checkpoint = session.checkpoint, sessions.count == 1 { text += "  \(checkpoint)\n" }
        }
        for finding in ledger?.findings ?? [] where sessions.count != 1 {
            text += "\(finding.state.padding(to: 12))  the ledger\n"
            text += Self.remark(ledger?.path ?? "", finding.line, finding.message)
        }
        return text
    }

    private static func remark(_ place: String, _ line: Int?, _ message: String) -> String {
        "  \(place)\(line.map { ":\($0)" } ?? ""): \(PrintableText.escape(Array(message.utf8)))\n"
    }
}
