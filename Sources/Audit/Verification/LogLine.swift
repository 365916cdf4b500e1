/// A piece of a log up to a newline.
public enum LogLine: Sendable {
    /// A line without its newline.
    case whole(ArraySlice<UInt8>)
    /// More bytes than a record may have, of which nothing was kept.
    case tooLong
}
