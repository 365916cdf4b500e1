/// Reads the ledger as its bytes come and follows its chain; keeps a few words for each session.
public struct LedgerVerifier: Sendable {
    private var ledger = Ledger()
    private var lines = LogLines(limit: RecordParser.maximumLength)
    private var line = 0
    private var lastHash = LogVerifier.firstHash
    private var opened: Int64 = 0

    /// Begins.
    public init() {}

    /// Takes the next bytes. What follows a line that isn't sound is passed over.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        guard ledger.isSound else { return }
        lines.append(bytes)
        while ledger.isSound, let next = lines.next() {
            line += 1
            switch next {
            case .tooLong: tamper("longer than an entry can be")
            case .whole(let bytes): take(bytes)
            }
        }
    }

    /// The result, after the last byte.
    public consuming func finished() -> Ledger {
        guard ledger.isSound else { return ledger }
        ledger.torn = lines.rest.count
        line += 1
        if lines.isRestTooLong { tamper("longer than an entry can be") }
        return ledger
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        let entry: ParsedRecord
        do throws(RecordSyntaxError) {
            entry = try RecordParser.parse(bytes, as: .entry)
        } catch {
            return tamper("not an entry: \(error)")
        }
        if let problem = chain(entry) ?? content(entry.value) { return tamper(problem) }
        ledger.entries += 1
    }

    private mutating func chain(_ entry: ParsedRecord) -> String? {
        let value = entry.value
        guard value["entry"]?.text != nil, let sequence = value["sequence"]?.number,
            let hash = value["hash"]?.text, let prev = value["prev"]?.text
        else { return "not an entry: a member that every entry has is missing" }
        guard sequence == ledger.entries else {
            return "sequence \(sequence) where \(ledger.entries) comes next"
        }
        guard prev == lastHash else { return "not the entry that followed the one before" }
        guard hash == entry.digest("mews.ledger.v1\n") else { return "the hash isn't that of the entry" }
        lastHash = hash
        return nil
    }

    private mutating func content(_ value: RecordValue) -> String? {
        let kind = value["entry"]?.text
        // Later versions may have entries of other kinds; they are under the chain, and that is all to know.
        guard kind == "open" || kind == "close" else { return nil }
        guard let session = value["session"]?.text, SessionIdentifier.isCanonical(session),
            let number = value["number"]?.number, let total = value["opened"]?.number
        else { return "not an entry: a member that every entry has is missing" }
        return kind == "open"
            ? open(session, number, total, value) : close(session, number, total, value)
    }

    private mutating func open(
        _ session: String, _ number: Int64, _ total: Int64, _ value: RecordValue
    ) -> String? {
        guard ledger.sessions[session] == nil else { return "a second open of \(session)" }
        guard number == opened + 1, total == number else {
            return "session number \(number) where \(opened + 1) comes next"
        }
        guard let start = value["start"]?.text, Checkpoint.isHash(start) else {
            return "an open without its hash"
        }
        opened = number
        var log = value["log"]?.text.map { Array($0.utf8) }
        if let encoded = value["log_b64"] {
            guard let bytes = encoded.text.flatMap(Base64.bytes) else { return "a path that isn't base64" }
            log = bytes
        }
        ledger.sessions[session] = Ledger.Session(number: number, start: start, log: log)
        return nil
    }

    private mutating func close(
        _ session: String, _ number: Int64, _ total: Int64, _ value: RecordValue
    ) -> String? {
        guard let known = ledger.sessions[session] else {
            return "a close of \(session), which wasn't opened"
        }
        guard known.close == nil else { return "a second close of \(session)" }
        guard number == known.number, total == opened else { return "a close with another session's number" }
        guard let records = value["records"]?.number, records > 0, let last = value["last"]?.text,
            Checkpoint.isHash(last)
        else { return "a close without its hash" }
        let lost = value["lost"]?.number ?? 0
        ledger.sessions[session]?.close = Ledger.Close(records: Int(records), last: last, lost: lost)
        return nil
    }

    private mutating func tamper(_ message: String) {
        ledger.findings.append(Finding(.tampered, .ledger, line: line, message))
    }
}
