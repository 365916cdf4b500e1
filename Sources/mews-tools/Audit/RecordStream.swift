internal import Audit
internal import Linux

/// The records of one log, up to what is its end now; it may be written to meanwhile.
struct RecordStream: ~Copyable {
    private let file: LogFile
    private var lines = LogLines(limit: RecordParser.maximumLength)
    private var remaining: Int
    /// Lines that aren't records. What is behind the last newline isn't one yet and doesn't count.
    private(set) var strange = 0

    /// Opens a log.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - offset: the byte to begin at; inside a line, that line is strange.
    ///   - end: the byte to end at.
    /// - Throws: `Errno` when it can't be opened.
    init(_ path: AbsolutePath, from offset: Int = 0, to end: Int = .max) throws(Errno) {
        file = try LogFile(path, from: offset)
        remaining = end - offset
    }

    /// The next record; nil at the end.
    mutating func next() throws(Errno) -> ParsedRecord? {
        while true {
            while let line = lines.next() {
                if case .whole(let bytes) = line, let record = try? RecordParser.parse(bytes) {
                    return record
                }
                strange += 1
            }
            let bytes = try file.next().prefix(remaining)
            if bytes.isEmpty { return nil }
            remaining -= bytes.count
            lines.append(bytes)
        }
    }

    /// The last records of a log that a filter takes, in their order, without reading more of it than it has to.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - end: the byte to end at, behind a newline.
    ///   - count: how many, at most.
    ///   - filter: which.
    /// - Returns: them.
    /// - Throws: `Errno` when it can't be read.
    static func last(
        _ path: AbsolutePath, to end: Int, count: Int, _ filter: RecordFilter
    ) throws(Errno) -> [ParsedRecord] {
        var span = 2 * LogLines.pieceSize
        while true {
            let start = max(0, end - span)
            var found: [ParsedRecord] = []
            var stream = try RecordStream(path, from: start, to: end)
            while let record = try stream.next() {
                guard filter.takes(record.value) else { continue }
                found.append(record)
                // Not for each one: what is dropped at the front has all others moved.
                if found.count >= 2 * count + 64 { found.removeFirst(found.count - count) }
            }
            if start == 0 || found.count >= count { return found.suffix(count) }
            span *= 8
        }
    }
}
