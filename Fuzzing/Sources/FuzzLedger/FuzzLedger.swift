@testable internal import Audit
internal import Fuzzer

/// What is read before a session's first record, and what somebody holds a log against: the ledger's last
/// line, the two variables of a trace, a checkpoint.
@main
enum FuzzLedger {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let bytes = unsafe Fuzzer.bytes(start, count)
            FuzzLedger.checkTail(bytes)
            FuzzLedger.checkCheckpoint(bytes)
            FuzzLedger.checkTrace(bytes)
            return 0
        }
    }

    /// What the quick reader says of an entry is what the whole one says, and no byte can be changed unseen.
    private static func checkTail(_ line: [UInt8]) {
        if let tail = LedgerTail(line) { requireHash(tail, line) }
        guard let entry = sealed(line), case .object(let members) = entry.value else { return }
        let isFlat = members.allSatisfy { member in
            if case .object = member.value { return false }
            if case .list = member.value { return false }
            return true
        }
        // As Mews writes them: `entry` stands before, and the number of the session behind the hash.
        let names = members.map(\.name)
        guard isFlat, names.first == "entry" || names.first == "cut", names.last != "hash",
            let sequence = number("sequence", entry.value), let opened = number("opened", entry.value)
        else { return }
        let bytes = Array(entry.line)
        let tail = LedgerTail(bytes)
        Fuzzer.check(tail != nil, "a sound entry wasn't read")
        Fuzzer.check(tail?.sequence == sequence && tail?.opened == opened, "\(String(describing: tail))")
        for place in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 16) {
            var changed = bytes
            changed[place] ^= 1
            let other = LedgerTail(changed)
            Fuzzer.check(other == nil, "byte \(place) was changed, and it still held together")
        }
    }

    private static func requireHash(_ tail: LedgerTail, _ line: [UInt8]) {
        Fuzzer.check(tail.hash.count == 64, "a hash of \(tail.hash.count) digits")
        Fuzzer.check(tail.sequence >= 0 && tail.opened >= 0, "\(tail)")
    }

    private static func number(_ name: String, _ value: RecordValue) -> Int? {
        guard let number = value[name]?.number, (0..<1_000_000_000_000_000).contains(number) else {
            return nil
        }
        return Int(number)
    }

    /// The line with the hash that it should have; nil for what is no entry.
    private static func sealed(_ line: [UInt8]) -> ParsedRecord? {
        guard let entry = try? RecordParser.parse(line[...], as: .entry), entry.hash != nil,
            case .object(let members) = entry.value
        else { return nil }
        let hash = RecordValue.text(entry.digest("mews.ledger.v1\n"))
        let whole = RecordValue.object(
            members.map { $0.name == "hash" ? RecordMember(name: $0.name, value: hash) : $0 })
        return try? RecordParser.parse(whole.canonicalBytes[...], as: .entry)
    }

    /// Understood as a whole or not at all, and said again it is the same.
    private static func checkCheckpoint(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let checkpoint = Checkpoint(line: text) {
            Fuzzer.check(checkpoint.description == text, "\(checkpoint) isn't what was read")
            Fuzzer.check(checkpoint.records > 0, "no record")
            Fuzzer.check(checkpoint.session.map { SessionIdentifier.isCanonical($0) } == true, "no session")
        }
        if let anchor = Checkpoint(anchor: text) {
            Fuzzer.check(text == "\(anchor.records - 1):\(anchor.hash)", "\(anchor) isn't what was read")
        }
        // A name is a file's, so nothing in it may lead elsewhere.
        if SessionIdentifier.isCanonical(text) {
            Fuzzer.check(
                text.utf8.count == 36 && !text.contains("/") && !text.contains("."), "a way: \(text)")
        }
    }

    private static func checkTrace(_ bytes: [UInt8]) {
        let parts = Fuzzer.parts(bytes, count: 2)
        guard let trace = TraceContext(parent: parts[0], state: parts[1]) else { return }
        Fuzzer.check(TraceContext(parent: parts[0], state: nil)?.trace == trace.trace, "the state mattered")
        let digits = trace.trace.utf8 + Array(trace.parentSpan.utf8)
        Fuzzer.check(
            digits.count == 48 && digits.allSatisfy { Bytes.isDigit($0) || (97...102).contains($0) },
            "\(trace)")
        Fuzzer.check(trace.trace.contains { $0 != "0" }, "no trace")
        guard let state = trace.state else { return }
        Fuzzer.check(Array(state.utf8) == parts[1] && state.utf8.count <= 512, "another state")
        Fuzzer.check(state.utf8.allSatisfy { (0x20..<0x7f).contains($0) }, "a state that acts on a terminal")
    }
}
