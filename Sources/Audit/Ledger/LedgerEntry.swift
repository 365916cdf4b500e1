/// One line of the ledger, as it is written.
struct LedgerEntry {
    /// What it says of a session.
    enum Content {
        /// It begins; the log's path when that isn't the usual one.
        case open(start: [UInt8], log: [UInt8]?)
        /// It has ended.
        case close(SessionEnd.Cause, records: Int, last: [UInt8], lost: Int)
    }

    let content: Content
    let session: SessionIdentifier
    let number: Int
    let milliseconds: Int
    /// Bytes that were cut off before it.
    let cut: Int

    private static let prefix = Array("mews.ledger.v1\n".utf8)

    /// The line behind an entry; nil for the first.
    func line(after previous: LedgerTail?) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.begin(TextLimits.steps[0])
        writer.record { write(previous, &$0) }
        writer.fillHash(Self.digits(of: writer.bytes, without: writer.hashSlot))
        writer.endLine()
        return writer.bytes
    }

    private func write(_ previous: LedgerTail?, _ writer: inout CanonicalWriter) {
        if cut > 0 { writer.number("cut", cut) }
        if case .close(let cause, _, _, _) = content { writer.text("ended", cause.rawValue) }
        switch content {
        case .open(_, let log):
            writer.literal("entry", "open")
            writer.placeForHash()
            if let log { writer.text("log", log) }
        case .close(_, _, let last, let lost):
            writer.literal("entry", "close")
            writer.placeForHash()
            writer.digits("last", last)
            if lost > 0 { writer.number("lost", lost) }
        }
        writer.number("number", number)
        writer.number("opened", max(previous?.opened ?? 0, number))
        writer.digits("prev", previous?.hash ?? [UInt8](repeating: UInt8(ascii: "0"), count: 64))
        if case .close(_, let records, _, _) = content { writer.number("records", records) }
        writer.number("sequence", previous.map { $0.sequence + 1 } ?? 0)
        writer.text("session", session.description)
        if case .open(let start, _) = content { writer.digits("start", start) }
        writer.number("time", milliseconds)
    }

    /// The hash of an entry whose member `hash` stands in a slot.
    static func digits(of bytes: some Collection<UInt8>, without slot: Range<Int>) -> [UInt8] {
        let bytes = Array(bytes)
        var digest = SHA256()
        digest.append(prefix)
        digest.append(bytes[..<slot.lowerBound])
        digest.append(bytes[slot.upperBound...])
        return Array(Hexadecimal.text(digest.finished()).utf8)
    }
}
