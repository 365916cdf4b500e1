/// Reads a log as its bytes come and follows its chain; keeps one line, the totals, and no record.
public struct LogVerifier: Sendable {
    /// A hash that somebody holds of the record at some place.
    private struct Commitment: Sendable {
        let hash: String
        let owner: String
        let isCheckpoint: Bool
    }

    static let firstHash = String(repeating: "0", count: 64)

    private let ledger: Ledger?
    private let checkpoints: [Checkpoint]
    private var lines = LogLines(limit: RecordParser.maximumLength)
    private var report = LogReport()
    private var totals = RecordTotals()
    private var line = 0
    private var commitments: [Int: [Commitment]] = [:]

    /// Begins.
    ///
    /// - Parameters:
    ///   - session: whose log it has to be; nil: that of its first record.
    ///   - ledger: what the ledger says, if there is one.
    ///   - checkpoints: of any sessions; those of others are passed over.
    public init(session: String?, ledger: Ledger?, checkpoints: [Checkpoint]) {
        self.ledger = ledger
        self.checkpoints = checkpoints
        if let session { begin(session) }
    }

    private mutating func begin(_ session: String) {
        report.session = session
        if let known = ledger?.sessions[session] {
            commit(1, known.start, "the ledger's open")
            if let close = known.close { commit(close.records, close.last, "the ledger's close") }
        }
        for checkpoint in checkpoints where checkpoint.session == nil || checkpoint.session == session {
            commit(checkpoint.records, checkpoint.hash, "a checkpoint", isCheckpoint: true)
        }
    }

    private mutating func commit(_ records: Int, _ hash: String, _ owner: String, isCheckpoint: Bool = false)
    {
        commitments[records, default: []].append(
            Commitment(hash: hash, owner: owner, isCheckpoint: isCheckpoint))
    }

    /// Takes the next bytes of the log. What follows a line that isn't sound is passed over.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        guard report.isSound else { return }
        lines.append(bytes)
        while let next = lines.next() {
            line += 1
            switch next {
            case .tooLong: tamper("longer than a record can be")
            case .whole(let bytes): take(bytes)
            }
            guard report.isSound else { return }
        }
    }

    /// The result, after the last byte.
    public consuming func finished() -> LogReport {
        guard report.isSound else { return report }
        report.torn = lines.rest.count
        line += 1
        if lines.isRestTooLong {
            tamper("longer than a record can be")
        } else if report.torn > 0, report.isClosed {
            tamper("bytes behind session.end")
        } else {
            settle()
        }
        return report
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        let record: ParsedRecord
        do throws(RecordSyntaxError) {
            record = try RecordParser.parse(bytes)
        } catch {
            return tamper("not a record: \(error)")
        }
        if let problem = chain(record) ?? content(record.value) { return tamper(problem) }
        report.records += 1
        report.lastHash = record.value["unmapped", "mews", "hash"]?.text
        if let time = record.value["time"]?.number {
            report.times =
                min(report.times?.lowerBound ?? time, time)...max(report.times?.upperBound ?? time, time)
        }
        compare()
    }

    /// Holds the last record against the hashes that somebody else has of it.
    private mutating func compare() {
        let held = commitments[report.records] ?? []
        for commitment in held where commitment.hash != report.lastHash {
            report.findings.append(
                Finding(.forked, .log, line: line, "\(commitment.owner) holds another hash of this record"))
        }
        report.isAnchored = held.contains { $0.isCheckpoint && $0.hash == report.lastHash }
    }

    /// What is held of records that aren't there.
    private mutating func settle() {
        let beyond = commitments.filter { $0.key > report.records }.sorted { $0.key < $1.key }
        for (records, held) in beyond {
            for commitment in held {
                report.findings.append(
                    Finding(
                        .truncated, .log, line: line,
                        "the log ends after \(report.records) records, and \(commitment.owner) tells of \(records)"
                    ))
            }
        }
    }

    /// What is wrong with a record's place in the chain.
    private mutating func chain(_ record: ParsedRecord) -> String? {
        let value = record.value
        guard let session = value["metadata", "correlation_uid"]?.text,
            let sequence = value["metadata", "sequence"]?.number,
            let hash = value["unmapped", "mews", "hash"]?.text,
            let prev = value["unmapped", "mews", "prev"]?.text
        else { return "not a record: a member that every record has is missing" }
        if report.session == nil { begin(session) }
        guard session == report.session else { return "a record of the session \(session)" }
        guard sequence == report.records else {
            return "sequence \(sequence) where \(report.records) comes next"
        }
        guard prev == report.lastHash ?? Self.firstHash else {
            return "not the record that followed the one before"
        }
        guard hash == record.digest("mews.audit.v1\n") else { return "the hash isn't that of the record" }
        return nil
    }

    /// What is wrong with what a record says, at this place of the log.
    private mutating func content(_ value: RecordValue) -> String? {
        guard let code = value["metadata", "event_code"]?.text else { return "not a record: no event code" }
        if report.isClosed { return "a record behind session.end" }
        if (code == "session.start") != (report.records == 0) {
            return report.records == 0 ? "the first record isn't session.start" : "a second session.start"
        }
        guard totals.add(code, value) else { return "not a record: acts that can't be counted" }
        switch code {
        case "command.exec": report.hasCommand = true
        case "audit.gap": report.gaps += 1
        case "session.end":
            report.isClosed = true
            let mews = value["unmapped", "mews"]
            if mews?["records"]?.number != Int64(report.records + 1) {
                return "session.end tells another number of records"
            }
            if !totals.agree(with: mews?["totals"]) {
                return "the totals of session.end aren't those of the log"
            }
        default: break
        }
        return nil
    }

    private mutating func tamper(_ message: String) {
        report.findings.append(Finding(.tampered, .log, line: line, message))
    }
}
