internal import Audit
internal import Linux

/// Where shown records go: standard output, in pieces.
struct RecordOutput {
    /// Whether records are shown as they stand in the log.
    let isJSON: Bool
    private var pending: [UInt8] = []

    init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    /// Shows a record.
    ///
    /// - Throws: `undecided` when nobody takes the output any more.
    mutating func show(_ record: ParsedRecord) throws(Outcome) {
        pending += isJSON ? Array(record.line) : Array(RecordLine(record.value).description.utf8)
        pending.append(UInt8(ascii: "\n"))
        if pending.count > LogLines.pieceSize { try flush() }
    }

    /// Writes what waits.
    ///
    /// - Throws: `undecided` when nobody takes the output any more.
    mutating func flush() throws(Outcome) {
        do throws(Errno) {
            try Files.writeAll(1, pending)
        } catch {
            throw .undecided
        }
        pending.removeAll(keepingCapacity: true)
    }
}
