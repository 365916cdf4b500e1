/// A question as it came from a program.
struct NameQuery: Sendable {
    /// What both sides can do beyond RFC 1035 (RFC 6891, 6.1).
    struct Extension: Sendable {
        var version: UInt8
        /// DO: whether DNSSEC's records are welcome; it is only given back.
        var wantsSignatures: Bool
    }

    var identifier: UInt16
    /// RD, given back.
    var wantsRecursion: Bool
    /// CD, given back (RFC 4035, 3.2.2).
    var disablesChecking: Bool
    var question: NameQuestion
    /// The question byte for byte: case is given back as it came, which some resolvers check (0x20).
    var echo: ArraySlice<UInt8>
    var extended: Extension?

    /// What a datagram or a message of a stream turned out to be.
    enum Reading: Sendable {
        case query(NameQuery)
        /// It is answered with a code alone.
        case refusal(identifier: UInt16, operation: UInt16, ResponseCode)
        /// It isn't answered: too short to have a number, or an answer itself, which answered could go on for ever.
        case nothing
    }

    /// The most records behind a question: OPT, and a signature that isn't looked at.
    private static let mostAdditionals = 2

    static func read(_ bytes: [UInt8]) -> Reading {
        var reader = MessageReader(bytes)
        guard let header = try? MessageHeader(&reader), !header.isResponse else { return .nothing }
        func refusal(_ code: ResponseCode) -> Reading {
            .refusal(identifier: header.identifier, operation: header.operation, code)
        }
        guard header.operation == 0 else { return refusal(.notImplemented) }
        // One question (RFC 9619), and nothing that only answers have.
        guard header.questions == 1, header.answers == 0, header.authorities == 0,
            header.additionals <= mostAdditionals
        else { return refusal(.formatError) }
        do throws(MalformedMessage) {
            return .query(try NameQuery(header, &reader))
        } catch {
            return refusal(.formatError)
        }
    }

    private init(_ header: MessageHeader, _ reader: inout MessageReader) throws(MalformedMessage) {
        identifier = header.identifier
        wantsRecursion = header.flags & 0x0100 != 0
        disablesChecking = header.flags & 0x0010 != 0
        let start = reader.position
        question = try NameQuestion(&reader)
        echo = reader.bytes(from: start, to: reader.position)
        for _ in 0..<header.additionals {
            let record = try NameRecord(&reader)
            guard record.type == .opt else { continue }
            // One, and of the root (RFC 6891, 6.1.1).
            guard record.owner == .root, extended == nil else { throw MalformedMessage() }
            extended = Extension(
                version: UInt8(truncatingIfNeeded: record.rawTime >> 16),
                wantsSignatures: record.rawTime & 0x8000 != 0)
        }
        guard reader.isAtEnd else { throw MalformedMessage() }
    }
}
