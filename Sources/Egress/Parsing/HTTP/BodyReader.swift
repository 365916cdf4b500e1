/// Where a body ends.
enum BodyLength: Hashable, Sendable {
    /// There is none.
    case none
    /// After so many bytes.
    case bytes(UInt64)
    /// After the last chunk and its trailer.
    case chunked
    /// Where the connection ends.
    case untilEnd
}

/// Follows a body to its end, and writes it as it is sent on.
///
/// What has a length passes as it came. Chunks are written anew: their sizes in one form and without extensions
/// (RFC 9112, 7.1.1), so that whoever reads them behind the door finds the same ends.
struct BodyReader: Sendable {
    private enum State: Sendable {
        case left(UInt64)
        case chunks(ChunkReader)
        case untilEnd
    }

    private var state: State

    /// Begins at the first byte of a body.
    init(_ length: BodyLength) {
        state =
            switch length {
            case .none: .left(0)
            case .bytes(let count): .left(count)
            case .chunked: .chunks(ChunkReader())
            case .untilEnd: .untilEnd
            }
    }

    /// Whether the body has come to its end. One that ends with the connection never does by itself.
    var isComplete: Bool {
        switch state {
        case .left(let count): count == 0
        case .chunks(let reader): reader.isComplete
        case .untilEnd: false
        }
    }

    /// Whether the end of the connection is its end.
    var isUntilEnd: Bool { if case .untilEnd = state { true } else { false } }

    /// Reads what came next, up to the end of the body.
    ///
    /// - Parameters:
    ///   - input: only what wasn't handed over before.
    ///   - output: gets what is to be sent on.
    /// - Returns: how many bytes belong to the body.
    /// - Throws: what is wrong with the chunks.
    mutating func read(
        _ input: ArraySlice<UInt8>, into output: inout [UInt8]
    ) throws(HTTPMalformation) -> Int {
        switch state {
        case .left(let left):
            let count = Int(min(UInt64(input.count), left))
            output += input.prefix(count)
            state = .left(left - UInt64(count))
            return count
        case .untilEnd:
            output += input
            return input.count
        case .chunks(var reader):
            // Not two of them while it reads, or its trailer would be copied for each piece.
            state = .untilEnd
            let count = try reader.read(input, into: &output)
            state = .chunks(reader)
            return count
        }
    }
}
