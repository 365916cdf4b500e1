@testable internal import Audit
internal import Fuzzer
internal import Linux

/// A log and a ledger that somebody wrote who isn't Mews: the log, a NUL, the ledger.
@main
enum FuzzAudit {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            let parts = Fuzzer.parts(unsafe Fuzzer.bytes(start, count), count: 2)
            for line in parts[0].split(separator: 0x0a, omittingEmptySubsequences: false) {
                FuzzAudit.checkLine(line)
            }
            FuzzAudit.checkLog(parts[0], parts[1])
            FuzzAudit.checkLog(FuzzAudit.sealed(parts[0]), parts[1])
            return 0
        }
    }

    /// What is read is the canonical form of what it says, byte for byte, and plain on a terminal.
    private static func checkLine(_ line: ArraySlice<UInt8>) {
        guard let record = try? RecordParser.parse(line) else { return }
        let again = record.value.canonicalBytes
        Fuzzer.check(again.elementsEqual(line), "read, and written otherwise")
        Fuzzer.check(line.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "a control character was read")
        guard let hash = record.hash else { return }
        let text = record.value["unmapped", "mews", "hash"]?.canonicalBytes ?? []
        let member = Array("\"hash\":".utf8) + text + [UInt8(ascii: ",")]
        Fuzzer.check(line[hash].elementsEqual(member), "the hash was looked for elsewhere")
    }

    /// The same however the bytes come, never sound and changed at once, and never more than was there.
    private static func checkLog(_ log: [UInt8], _ ledger: [UInt8]) {
        var reader = LedgerVerifier()
        reader.append(ledger)
        let known = reader.finished()
        let whole = verdict(log, pieces: log.count + 1, known)
        let pieces = verdict(log, pieces: 7, known)
        Fuzzer.check(
            whole.state == pieces.state && whole.findings == pieces.findings, "it mattered how bytes came")
        Fuzzer.check(whole.state != .ok, "OK without a checkpoint")
        Fuzzer.check(
            (whole.report?.records ?? 0) <= log.filter { $0 == 0x0a }.count, "more records than lines")
        guard whole.state == .unanchored, let checkpoint = whole.checkpoint else { return }
        Fuzzer.check(
            verdict(log, pieces: 64, known, [checkpoint]).state == .ok, "its own checkpoint doesn't agree")
        // A sound log is one with an end; without its last byte it has none.
        Fuzzer.check(
            verdict(log.dropLast(), pieces: 64, known, [checkpoint]).state == .truncated, "cut, and not seen")
    }

    private static func verdict(
        _ log: some Collection<UInt8>, pieces: Int, _ ledger: Ledger, _ checkpoints: [Checkpoint] = []
    ) -> Verdict {
        var verifier = LogVerifier(session: nil, ledger: ledger, checkpoints: checkpoints)
        var rest = Array(log)[...]
        while !rest.isEmpty {
            verifier.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return Verdict(session: nil, report: verifier.finished(), ledger: ledger, isBesideLedger: true)
    }

    /// The lines that are records, with the sequence, hashes and totals that they should have: what made-up bytes
    /// would never hit by themselves.
    private static func sealed(_ log: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        var previous = LogVerifier.firstHash
        var sequence: Int64 = 0
        for line in log.split(separator: 0x0a).prefix(16) {
            guard let record = try? RecordParser.parse(line), record.hash != nil else { continue }
            var value = record.value.setting(["metadata", "sequence"], .number(sequence))
            value = value.setting(["unmapped", "mews", "prev"], .text(previous))
            guard let unsealed = try? RecordParser.parse(value.canonicalBytes[...]) else { continue }
            previous = unsealed.digest("mews.audit.v1\n")
            lines += value.setting(["unmapped", "mews", "hash"], .text(previous)).canonicalBytes + [0x0a]
            sequence += 1
        }
        return lines
    }
}
