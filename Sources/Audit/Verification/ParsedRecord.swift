/// A line of a log, understood.
public struct ParsedRecord: Sendable {
    /// What it says.
    public let value: RecordValue
    /// Its bytes, without the newline.
    public let line: ArraySlice<UInt8>
    /// The place in `line` of the member that holds the record's own hash.
    let hash: Range<Int>?
}
