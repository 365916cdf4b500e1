import Linux

/// Reads a chunked body (RFC 9112, 7.1) strictly and writes it in one form.
struct ChunkReader: Sendable {
    /// The most bytes between a chunk's size and the end of its line.
    static let mostExtensionBytes = 256
    /// The most bytes of the fields behind the last chunk.
    static let mostTrailerBytes = 4096

    private enum Step: Sendable {
        /// In the digits of a size.
        case size(digits: Int, value: UInt64)
        /// Behind the digits.
        case chunkExtension(count: Int, value: UInt64)
        /// Behind the CR of a size's line.
        case sizeEnd(UInt64)
        /// In the bytes of a chunk.
        case data(UInt64)
        /// Behind the bytes of a chunk.
        case dataReturn
        /// Behind the CR that follows them.
        case dataEnd
        /// In the lines behind the last chunk.
        case trailer(HeadReader)
        case complete
    }

    private var step = Step.size(digits: 0, value: 0)

    /// Whether the body has come to its end.
    var isComplete: Bool { if case .complete = step { true } else { false } }

    /// Reads what came next, up to the end of the body.
    mutating func read(
        _ input: ArraySlice<UInt8>, into output: inout [UInt8]
    ) throws(HTTPMalformation) -> Int {
        var rest = input
        while !rest.isEmpty, !isComplete {
            switch step {
            case .data(let left):
                let count = Int(min(UInt64(rest.count), left))
                output += rest.prefix(count)
                rest = rest.dropFirst(count)
                step = left == UInt64(count) ? .dataReturn : .data(left - UInt64(count))
            case .trailer(var reader):
                step = .complete
                rest = rest.dropFirst(try reader.read(rest))
                step = reader.isComplete ? .complete : .trailer(reader)
                if reader.isComplete { try Self.finish(reader, into: &output) }
            default:
                try take(rest[rest.startIndex], into: &output)
                rest = rest.dropFirst()
            }
        }
        return input.count - rest.count
    }

    private mutating func take(_ byte: UInt8, into output: inout [UInt8]) throws(HTTPMalformation) {
        switch step {
        case .size(let digits, let value):
            step = try Self.size(byte, digits, value)
        case .chunkExtension(let count, let value):
            if byte == .carriageReturn {
                step = .sizeEnd(value)
            } else {
                guard !byte.isControl else { throw .chunk }
                guard count < Self.mostExtensionBytes else { throw .chunkExtension }
                step = .chunkExtension(count: count + 1, value: value)
            }
        case .sizeEnd(let value):
            guard byte == .lineFeed else { throw .chunk }
            if value > 0 { output += "\(String(value, radix: 16))\r\n".utf8 }
            step = value > 0 ? .data(value) : .trailer(Self.trailerReader())
        case .dataReturn:
            guard byte == .carriageReturn else { throw .chunk }
            step = .dataEnd
        case .dataEnd:
            guard byte == .lineFeed else { throw .chunk }
            output += "\r\n".utf8
            step = .size(digits: 0, value: 0)
        case .data, .trailer, .complete: break
        }
    }

    /// Up to fifteen digits: no reader runs over, whatever number it keeps them in.
    private static func size(_ byte: UInt8, _ digits: Int, _ value: UInt64) throws(HTTPMalformation) -> Step {
        let digit: UInt8? =
            switch byte.lowered {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte.lowered - UInt8(ascii: "a") + 10
            default: nil
            }
        if let digit {
            guard digits < 15 else { throw .chunk }
            return .size(digits: digits + 1, value: value << 4 | UInt64(digit))
        }
        guard digits > 0 else { throw .chunk }
        if byte == .carriageReturn { return .sizeEnd(value) }
        guard byte == UInt8(ascii: ";") || byte.isBlank else { throw .chunk }
        return .chunkExtension(count: 1, value: value)
    }

    /// The lines behind the last chunk are a head whose first line is the size's, as it were.
    private static func trailerReader() -> HeadReader {
        var reader = HeadReader(most: mostTrailerBytes)
        // It can't fail: nothing of it is other than a head has it.
        _ = try? reader.read(Array("0\r\n".utf8)[...])
        return reader
    }

    private static func finish(_ reader: HeadReader, into output: inout [UInt8]) throws(HTTPMalformation) {
        let fields = try HTTPFields(lines: reader.lines.dropFirst())
        guard fields.list.allSatisfy({ !isForbidden($0.name) }) else { throw .trailer }
        output += "0\r\n".utf8
        fields.append(to: &output)
        output += "\r\n".utf8
    }

    /// What decides about the message has to stand before it (RFC 9110, 6.5.1): framing, routing, authentication,
    /// and what the door itself strips from a head.
    private static func isForbidden(_ name: [UInt8]) -> Bool {
        let name = name.map(\.lowered)
        return forbidden.contains(String(decoding: name, as: UTF8.self))
            || name.starts(with: "proxy-".utf8) || name.starts(with: "x-forwarded-".utf8)
            || name.starts(with: "x-mews-".utf8)
    }

    private static let forbidden: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
        "forwarded", "via", "http2-settings", "expect", "authorization", "cookie", "set-cookie",
        "content-type", "content-encoding", "content-range",
    ]
}
