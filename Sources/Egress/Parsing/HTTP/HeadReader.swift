/// Collects the lines of a message's head, up to the empty one, in whatever pieces they come.
///
/// A bare CR or LF and control characters are refused as they come: nothing behind them would be read by every
/// server as it is read here (RFC 9112, 2.2).
struct HeadReader: Sendable {
    /// The most bytes of a request's head.
    static let mostRequestBytes = 16 * 1024
    /// The most bytes of a response's head: servers set more cookies and policies than clients send.
    static let mostResponseBytes = 32 * 1024

    /// What came of the head, up to the byte that no head has.
    private(set) var bytes: [UInt8] = []
    /// Whether the empty line came.
    private(set) var isComplete = false
    private var lineStarts = [0]
    private let most: Int

    /// Begins with nothing.
    init(most: Int) {
        self.most = most
    }

    /// Whether nothing came.
    var isEmpty: Bool { bytes.isEmpty }

    /// The lines without their ends and without the empty one; nothing before the head is complete.
    var lines: [ArraySlice<UInt8>] {
        guard isComplete else { return [] }
        return (1..<lineStarts.count).map { bytes[lineStarts[$0 - 1]..<(lineStarts[$0] - 2)] }
    }

    /// Reads what came next, up to the end of the head.
    ///
    /// - Parameter input: only what wasn't handed over before.
    /// - Returns: how many bytes belong to the head.
    /// - Throws: what no head begins with.
    mutating func read(_ input: ArraySlice<UInt8>) throws(HTTPMalformation) -> Int {
        var index = input.startIndex
        while index < input.endIndex, !isComplete {
            try take(input[index])
            index += 1
        }
        return index - input.startIndex
    }

    private mutating func take(_ byte: UInt8) throws(HTTPMalformation) {
        guard bytes.count < most else { throw .tooLarge }
        let followsReturn = bytes.last == .carriageReturn
        bytes.append(byte)
        guard (byte == .lineFeed) == followsReturn else { throw .lineEnding }
        guard byte == .lineFeed || byte == .carriageReturn || !byte.isControl else { throw .control }
        guard byte == .lineFeed else { return }
        let isLineEmpty = bytes.count - lineStarts[lineStarts.count - 1] == 2
        guard isLineEmpty else {
            lineStarts.append(bytes.count)
            return
        }
        // One empty line before the first is what some clients send after a body (RFC 9112, 2.2).
        if lineStarts.count == 1, lineStarts[0] == 0 {
            lineStarts[0] = 2
        } else if lineStarts.count == 1 {
            throw .requestLine
        } else {
            isComplete = true
        }
    }
}
