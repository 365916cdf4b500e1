internal import ArgumentParser
internal import Audit
internal import Linux
internal import Sandbox

/// `mews audit verify`: whether logs are what was written.
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Tell whether a log is what was written, and all of it.",
        discussion: """
            States and exit status: 0 OK or UNANCHORED; 1 TAMPERED, FORKED or UNTRUSTED-KEY; 4 UNCLOSED; \
            5 TRUNCATED or MISSING; 6 GAPS; 2 wrong use; 3 can't be decided. Of several the first in that order of \
            Sources/Audit/README.md counts.

            UNANCHORED: sound and closed, but whoever can write to the directory could have cut or rewritten log and \
            ledger together. Keep the line mews.checkpoint.v1 that is printed somewhere else, and give it back with \
            --checkpoint. This version has no signatures, so no answer is ever UNTRUSTED-KEY.
            """,
        version: "mews \(Version.number)")

    @Argument(help: "A session, the beginning of its name, or a file; none: the last session.")
    var session: String?
    @Flag(help: "Every session of the directory and of its ledger.")
    var all = false
    @Option(
        help: ArgumentHelp(
            "A file with lines mews.checkpoint.v1; may be given several times.", valueName: "file"))
    var checkpoint: [String] = []
    @Option(
        help: ArgumentHelp(
            "A record's metadata.sequence and its hash, known from elsewhere.", valueName: "sequence:hash"))
    var anchor: [String] = []
    @Option(help: ArgumentHelp("The ledger, when it isn't beside the log.", valueName: "file"))
    var ledger: String?
    @Flag(help: "Print a JSON object.")
    var json = false

    func validate() throws {
        if all, session != nil { throw ValidationError("--all takes no session") }
        if all, !anchor.isEmpty {
            throw ValidationError("--anchor names no session; use --checkpoint with --all")
        }
    }

    func run() throws {
        let report = all ? try everything() : try one()
        Output.answer(json ? try report.line() : report.description)
        Processes.exitNow(report.status)
    }

    private func everything() throws -> VerificationReport {
        let facts = try LogChoice.facts()
        let directory = try LogDirectory(facts)
        let known =
            try ledger.map { try Self.readLedger(try LogChoice.path($0, facts)) }
            ?? LogChoice.ledger(directory)
        let verification = Verification(ledger: known, checkpoints: try checkpoints(facts))
        let items = try verification.items(of: directory)
        if items.isEmpty { Output.complain("there is no session in \(directory.path)") }
        return VerificationReport(items, ledger: known, at: directory.ledger)
    }

    private func one() throws -> VerificationReport {
        let facts = try LogChoice.facts()
        let choice = try LogChoice(session)
        let beside = (choice.log.parent ?? .root).appending("ledger.jsonl")
        let own = choice.directory.appending("ledger.jsonl")
        var path = try ledger.map { try LogChoice.path($0, facts) } ?? beside
        var known = ledger == nil ? try Self.ledger(path) : try Self.readLedger(path)
        let isBeside = known != nil && ledger == nil
        if known == nil {
            // A log that --audit-log put elsewhere is known to the user's own ledger.
            path = own
            known = try Self.ledger(own)
        }
        let verification = Verification(ledger: known, checkpoints: try checkpoints(facts))
        var item = verification.item(choice.log, session: choice.session, isBesideLedger: isBeside)
        if choice.session == nil, item.verdict?.state == .missing, item.verdict?.report == nil {
            item = Verification.Item(log: choice.log, verdict: nil, problem: .noEntry)
        }
        if let known, let verdict = item.verdict {
            item = Verification.Item(log: item.log, verdict: verdict.with(known))
        }
        return VerificationReport([item], ledger: known, at: path)
    }

    private static func ledger(_ path: AbsolutePath) throws(Outcome) -> Ledger? {
        do throws(Errno) {
            return try LogFile.ledger(path)
        } catch {
            Output.complain("cannot read \(path): \(error)")
            throw .undecided
        }
    }

    /// One that was named has to be there.
    private static func readLedger(_ path: AbsolutePath) throws(Outcome) -> Ledger {
        if let ledger = try ledger(path) { return ledger }
        Output.complain("cannot read \(path): \(Errno.noEntry)")
        throw .undecided
    }

    private func checkpoints(_ facts: HostFacts) throws(Outcome) -> [Checkpoint] {
        var found: [Checkpoint] = []
        for text in anchor {
            guard let checkpoint = Checkpoint(anchor: text) else {
                Output.complain("--anchor \(PrintableText.escape(Array(text.utf8))) isn't SEQUENCE:HASH")
                throw .usage
            }
            found.append(checkpoint)
        }
        for file in checkpoint { found += try Self.checkpoints(in: try LogChoice.path(file, facts)) }
        return found
    }

    private static func checkpoints(in path: AbsolutePath) throws(Outcome) -> [Checkpoint] {
        let limit = 16 << 20
        var bytes: [UInt8]?
        do throws(Errno) {
            let file = try Files.open(CString(path), [.read, .closeOnExec])
            bytes = try Files.readAll(file.number, limit: limit)
        } catch {
            Output.complain("cannot read \(path): \(error)")
            throw .undecided
        }
        var found: [Checkpoint] = []
        for (index, line) in (bytes ?? []).split(separator: 0x0a, omittingEmptySubsequences: false)
            .enumerated()
        where !line.isEmpty {
            guard let checkpoint = Checkpoint(line: String(decoding: line, as: UTF8.self)) else {
                Output.complain("\(path):\(index + 1): not a line mews.checkpoint.v1 SESSION RECORDS HASH")
                throw .usage
            }
            found.append(checkpoint)
        }
        guard bytes != nil, !found.isEmpty else {
            Output.complain("\(path) holds no checkpoint, or more than \(limit) bytes")
            throw .usage
        }
        return found
    }
}
