internal import Linux

/// What a question is answered.
struct NameReply: Sendable {
    var code: ResponseCode = .noError
    /// The one record, its data.
    var data: [UInt8]?
    /// Whether there is nothing of the kind that was asked for: the start of a zone says for how long.
    var isNegative = false

    /// For how long programs may keep an answer, in seconds. The address of a name stays the same; short, because a
    /// program that outlives the sandbox's door asks again soon.
    static let timeToLive: UInt32 = 60
    /// What a sender may send here in one datagram: what passes every link whole (RFC 9715).
    private static let datagramSize: UInt16 = 1232

    /// An address, by which an A question is answered.
    static func address(_ address: IPAddress) -> NameReply {
        let bytes = address.bytes
        return NameReply(data: address.version4 == nil ? bytes : Array(bytes.suffix(4)))
    }

    /// A name, by which a PTR question is answered.
    static func name(_ name: WireName) -> NameReply { NameReply(data: name.bytes + [0]) }

    /// There is such a name, and nothing of this kind.
    static let noData = NameReply(isNegative: true)
    /// There is no such name.
    static let noName = NameReply(code: .nameError, isNegative: true)
    /// The code alone.
    static func failure(_ code: ResponseCode) -> NameReply { NameReply(code: code) }

    /// The message.
    func message(to query: NameQuery) -> [UInt8] {
        var message = NameReply.header(
            query.identifier, code, recursion: query.wantsRecursion, unchecked: query.disablesChecking)
        message.reserveCapacity(128 + query.echo.count)
        message[5] = 1
        message += query.echo
        if let data {
            message[7] = 1
            // The owner is the question's name, which begins behind the header.
            message += [0xc0, UInt8(MessageReader.headerSize)]
            message.add(query.question.type.rawValue)
            message.add(NameQuestion.internet)
            message.add(NameReply.timeToLive)
            message.add(UInt16(data.count))
            message += data
        }
        if isNegative {
            message[9] = 1
            message += NameReply.startOfZone
        }
        if let extended = query.extended {
            message[11] = 1
            message += [0]
            message.add(RecordType.opt.rawValue)
            message.add(NameReply.datagramSize)
            message += [code.rawValue >> 4, 0]
            message.add(UInt16(extended.wantsSignatures ? 0x8000 : 0))
            message.add(UInt16(0))
        }
        return message
    }

    /// A refusal of what has no question that could be given back.
    static func message(identifier: UInt16, operation: UInt16, _ code: ResponseCode) -> [UInt8] {
        var message = header(identifier, code, recursion: false, unchecked: false)
        message[2] |= UInt8(truncatingIfNeeded: operation & 0xf) << 3
        return message
    }

    /// Twelve bytes, without any count: an answer (QR) of a server that would ask others (RA).
    private static func header(
        _ identifier: UInt16, _ code: ResponseCode, recursion: Bool, unchecked: Bool
    ) -> [UInt8] {
        var header: [UInt8] = []
        header.add(identifier)
        header.add(
            0x8080 | (recursion ? 0x0100 : 0) | (unchecked ? 0x0010 : 0) | UInt16(code.rawValue & 0xf))
        return header + [UInt8](repeating: 0, count: 8)
    }

    /// The root's, since there is no zone: names of servers and of people, a number and times, the last of which is
    /// how long there is nothing (RFC 2308, 5).
    private static let startOfZone: [UInt8] = {
        var record: [UInt8] = [0]
        record.add(RecordType.soa.rawValue)
        record.add(NameQuestion.internet)
        record.add(timeToLive)
        record.add(UInt16(22))
        record += [0, 0]
        for number in [1, 3600, 600, 86_400, timeToLive] as [UInt32] { record.add(number) }
        return record
    }()
}

extension [UInt8] {
    /// Adds a number, the highest byte first.
    mutating func add(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
