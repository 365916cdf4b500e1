/// The header of a DNS message (RFC 1035, 4.1.1).
struct MessageHeader: Sendable {
    var identifier: UInt16
    var flags: UInt16
    var questions: UInt16
    var answers: UInt16
    var authorities: UInt16
    var additionals: UInt16

    init(_ reader: inout MessageReader) throws(MalformedMessage) {
        identifier = try reader.number16()
        flags = try reader.number16()
        questions = try reader.number16()
        answers = try reader.number16()
        authorities = try reader.number16()
        additionals = try reader.number16()
    }

    /// QR: an answer.
    var isResponse: Bool { flags & 0x8000 != 0 }
    /// OPCODE; 0 is a question.
    var operation: UInt16 { flags >> 11 & 0xf }
    /// TC: the rest didn't fit.
    var isTruncated: Bool { flags & 0x0200 != 0 }
    /// RCODE
    var code: UInt16 { flags & 0xf }
}

/// The one question of a message (RFC 1035, 4.1.2).
struct NameQuestion: Hashable, Sendable {
    var name: WireName
    var type: RecordType
    var classNumber: UInt16

    /// IN, the internet.
    static let internet: UInt16 = 1

    init(name: WireName, type: RecordType, classNumber: UInt16 = internet) {
        self.name = name
        self.type = type
        self.classNumber = classNumber
    }

    /// Nothing stands before a question that a pointer could lead to.
    init(_ reader: inout MessageReader) throws(MalformedMessage) {
        name = try reader.name(mayPoint: false)
        type = RecordType(rawValue: try reader.number16())
        classNumber = try reader.number16()
    }
}

/// A record of an answer, its data still unread (RFC 1035, 4.1.3).
struct NameRecord {
    var owner: WireName
    var type: RecordType
    var classNumber: UInt16
    /// The time to live as it stands; OPT has flags there.
    var rawTime: UInt32
    /// Where its data lie in the message.
    var data: Range<Int>

    init(_ reader: inout MessageReader) throws(MalformedMessage) {
        owner = try reader.name()
        type = RecordType(rawValue: try reader.number16())
        classNumber = try reader.number16()
        rawTime = try reader.number32()
        let length = Int(try reader.number16())
        let start = reader.position
        _ = try reader.take(length)
        data = start..<(start + length)
    }

    /// In seconds; what has the highest bit is 0 (RFC 2181, 8).
    var timeToLive: UInt32 { rawTime >> 31 == 0 ? rawTime : 0 }
}
