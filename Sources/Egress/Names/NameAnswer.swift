internal import Linux

/// What a server's message says about one question.
enum NameAnswer: Hashable, Sendable {
    /// The addresses at the end of the chain of names, and for how many seconds.
    case addresses([IPAddress], seconds: UInt32)
    /// No such name, or none of the kind, for how many seconds.
    case nothing(isName: Bool, seconds: UInt32)
    /// TC: it is to be asked over TCP.
    case truncated
    /// The server can't or won't tell.
    case refused
    /// It isn't an answer to this question at all: over UDP whoever sends it may be somebody else.
    case foreign
    /// It is one, with the name's letters in another case: no proof of who sent it.
    case unproven
    /// It can't be read, or goes on and on.
    case malformed

    /// The most addresses of a name that are used.
    static let mostAddresses = 16
    /// The most names that lead from one to the next.
    static let mostAliases = 16
    /// The most records of an answer: beyond that it isn't meant to be used.
    static let mostRecords = 256

    /// Reads a message.
    ///
    /// - Parameters:
    ///   - message: what was received.
    ///   - identifier: of the question.
    ///   - question: its name and type.
    ///   - echo: the question as it was sent, letter for letter; nil where its case proves nothing more.
    /// - Returns: what it says.
    static func read(
        _ message: [UInt8], identifier: UInt16, question: NameQuestion, echo: [UInt8]?
    ) -> NameAnswer {
        var reader = MessageReader(message)
        guard let header = try? MessageHeader(&reader), header.isResponse, header.identifier == identifier,
            header.operation == 0
        else { return .foreign }
        // A server that couldn't read the question may leave it out.
        if header.questions == 0, header.code == UInt16(ResponseCode.formatError.rawValue) { return .refused }
        let start = reader.position
        guard header.questions == 1, let asked = try? NameQuestion(&reader), asked == question
        else { return .foreign }
        if let echo, !reader.bytes(from: start, to: reader.position).elementsEqual(echo) { return .unproven }
        if header.isTruncated { return .truncated }
        do throws(MalformedMessage) {
            return try read(header, &reader, question)
        } catch {
            return .malformed
        }
    }

    private static func read(
        _ header: MessageHeader, _ reader: inout MessageReader, _ question: NameQuestion
    ) throws(MalformedMessage) -> NameAnswer {
        let isMissing = header.code == UInt16(ResponseCode.nameError.rawValue)
        guard header.code == 0 || isMissing else { return .refused }
        guard header.answers <= mostRecords, header.authorities <= mostRecords else {
            throw MalformedMessage()
        }
        var chain = AliasChain(question)
        for _ in 0..<header.answers {
            try chain.take(try NameRecord(&reader), from: reader)
        }
        let (addresses, seconds) = try chain.end()
        if !isMissing, !addresses.isEmpty { return .addresses(addresses, seconds: seconds) }
        var least = UInt32.max
        for _ in 0..<header.authorities {
            let record = try NameRecord(&reader)
            guard record.type == .soa, record.classNumber == question.classNumber, record.data.count >= 22
            else { continue }
            // Its last number says for how long there is nothing (RFC 2308, 5).
            let minimum = reader.bytes(from: record.data.upperBound - 4, to: record.data.upperBound)
            least = min(least, record.timeToLive, minimum.reduce(0) { $0 << 8 | UInt32($1) })
        }
        return .nothing(isName: !isMissing, seconds: least == .max ? 0 : least)
    }
}

/// The records of an answer that lead from the name that was asked for to addresses.
private struct AliasChain {
    private struct Alias {
        var target: WireName
        var seconds: UInt32
    }

    private let question: NameQuestion
    private var aliases: [WireName: Alias] = [:]
    private var addresses: [WireName: [(IPAddress, UInt32)]] = [:]

    init(_ question: NameQuestion) {
        self.question = question
    }

    mutating func take(_ record: NameRecord, from reader: MessageReader) throws(MalformedMessage) {
        guard record.classNumber == question.classNumber else { return }
        if record.type == .cname {
            var reader = reader
            reader.move(to: record.data.lowerBound)
            let target = try reader.name()
            guard reader.position == record.data.upperBound else { throw MalformedMessage() }
            // Two of one name contradict each other.
            if let other = aliases[record.owner], other.target != target { throw MalformedMessage() }
            aliases[record.owner] = Alias(target: target, seconds: record.timeToLive)
        } else if record.type == question.type {
            let size = question.type == .a ? 4 : 16
            let data = reader.bytes(from: record.data.lowerBound, to: record.data.upperBound)
            guard data.count == size, let address = IPAddress(bytes: data) else { throw MalformedMessage() }
            addresses[record.owner, default: []].append((address, record.timeToLive))
        }
    }

    /// The addresses of the last name, and the shortest time of all that led there.
    func end() throws(MalformedMessage) -> ([IPAddress], UInt32) {
        var name = question.name
        var seconds = UInt32.max
        var steps = 0
        while let alias = aliases[name] {
            steps += 1
            guard steps <= NameAnswer.mostAliases else { throw MalformedMessage() }
            seconds = min(seconds, alias.seconds)
            name = alias.target
        }
        var found: [IPAddress] = []
        for (address, time) in addresses[name] ?? [] where !found.contains(address) {
            guard found.count < NameAnswer.mostAddresses else { break }
            found.append(address)
            seconds = min(seconds, time)
        }
        return (found, seconds)
    }
}
