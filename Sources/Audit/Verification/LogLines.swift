/// Cuts the bytes of a log into lines as they come, and keeps no more than one line.
public struct LogLines: Sendable {
    /// What a reader takes from a file at once.
    public static let pieceSize = 65_536

    private let limit: Int
    private var buffer: [UInt8] = []
    /// What of the buffer has been handed out, and what of the rest is known to hold no newline.
    private var start = 0
    private var searched = 0
    private var isSkipping = false

    /// Nothing yet; lines of more than `limit` bytes, without the newline, are too long.
    public init(limit: Int) {
        self.limit = limit
    }

    /// What came behind the last newline; empty between two records.
    public var rest: ArraySlice<UInt8> { buffer[start...] }

    /// Whether the line that isn't ended yet is too long already.
    public var isRestTooLong: Bool { isSkipping }

    /// Takes more bytes. All lines of those before must have been taken out.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next line that has come to its end.
    public mutating func next() -> LogLine? {
        guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.count
            if buffer.count - start > limit { isSkipping = true }
            if isSkipping {
                buffer.removeAll(keepingCapacity: true)
                start = 0
                searched = 0
            }
            return nil
        }
        defer {
            start = end + 1
            searched = start
            isSkipping = false
        }
        return isSkipping || end - start > limit ? .tooLong : .whole(buffer[start..<end])
    }
}
