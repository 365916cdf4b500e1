internal import Linux

/// The end of a ledger: its last entry, and where that ends.
struct LedgerEnd {
    /// The last entry; nil when there is none.
    private(set) var tail: LedgerTail?
    /// Where the last line ends.
    private(set) var size: UInt64 = 0
    /// Whether the last line is an entry that holds together.
    private(set) var isSound = true

    /// Reads no more than the end, however long the ledger has become. The first piece holds the last entry unless
    /// a path in it is very long.
    init(_ file: Int32, size: UInt64) throws(Errno) {
        for capacity in [4096, UInt64(2 * TextLimits.record)] {
            let start = size - min(size, capacity)
            let bytes = try Files.read(file, at: start, atMost: Int(size - start))
            if read(bytes, from: start) { return }
        }
        isSound = false
    }

    /// - Returns: whether the piece holds the last line whole.
    private mutating func read(_ bytes: [UInt8], from start: UInt64) -> Bool {
        let lineFeed = UInt8(ascii: "\n")
        guard let end = bytes.lastIndex(of: lineFeed) else {
            // Nothing but a torn first line, or nothing at all.
            return start == 0
        }
        let first = bytes[..<end].lastIndex(of: lineFeed)
        if first == nil, start > 0 { return false }
        size = start + UInt64(end) + 1
        tail = LedgerTail(Array(bytes[(first.map { $0 + 1 } ?? 0)..<end]))
        isSound = tail != nil
        return true
    }
}
