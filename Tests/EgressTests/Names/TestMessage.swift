@testable import Egress

/// A DNS message put together by hand, with whatever counts and records a test wants.
struct TestMessage {
    var bytes: [UInt8] = []

    init(
        _ identifier: UInt16 = 7, flags: UInt16 = 0x0100, questions: UInt16 = 1, answers: UInt16 = 0,
        authorities: UInt16 = 0, additionals: UInt16 = 0
    ) {
        for number in [identifier, flags, questions, answers, authorities, additionals] {
            bytes.add(number)
        }
    }

    /// The labels of a name as they are written here, case and all.
    static func wire(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    func question(_ name: String, _ type: UInt16, classNumber: UInt16 = 1) -> TestMessage {
        question(Self.wire(name), type, classNumber: classNumber)
    }

    func question(_ name: [UInt8], _ type: UInt16, classNumber: UInt16 = 1) -> TestMessage {
        adding(name, type, classNumber)
    }

    func record(
        _ owner: [UInt8], _ type: UInt16, seconds: UInt32 = 60, classNumber: UInt16 = 1, data: [UInt8]
    ) -> TestMessage {
        var message = adding(owner, type, classNumber)
        message.bytes.add(seconds)
        message.bytes.add(UInt16(data.count))
        message.bytes += data
        return message
    }

    /// EDNS0's record, and with it a version and DO.
    func extended(version: UInt32 = 0, signatures: Bool = false, data: [UInt8] = []) -> TestMessage {
        record([0], 41, seconds: version << 16 | (signatures ? 0x8000 : 0), classNumber: 4096, data: data)
    }

    private func adding(_ name: [UInt8], _ type: UInt16, _ classNumber: UInt16) -> TestMessage {
        var message = self
        message.bytes += name
        message.bytes.add(type)
        message.bytes.add(classNumber)
        return message
    }

    /// One question for a name, as resolvers send it.
    static func query(_ name: String, _ type: UInt16 = 1, identifier: UInt16 = 7) -> [UInt8] {
        TestMessage(identifier).question(name, type).bytes
    }
}

/// An answer's header and its records, read back by the reader that the tests of messages hold.
struct TestReply {
    let identifier: UInt16
    let flags: UInt16
    let echo: [UInt8]
    let answers: [(type: UInt16, seconds: UInt32, data: [UInt8])]
    let authorities: [UInt16]
    let additionals: [UInt16]

    /// The code, without what EDNS adds.
    var code: UInt16 { flags & 0xf }

    init(_ bytes: [UInt8]) throws {
        var reader = MessageReader(bytes)
        let header = try MessageHeader(&reader)
        identifier = header.identifier
        flags = header.flags
        let start = reader.position
        for _ in 0..<header.questions { _ = try NameQuestion(&reader) }
        echo = Array(reader.bytes(from: start, to: reader.position))
        func records(_ count: UInt16) throws -> [NameRecord] {
            var records: [NameRecord] = []
            for _ in 0..<count { records.append(try NameRecord(&reader)) }
            return records
        }
        answers = try records(header.answers).map {
            ($0.type.rawValue, $0.timeToLive, Array(bytes[$0.data]))
        }
        authorities = try records(header.authorities).map(\.type.rawValue)
        additionals = try records(header.additionals).map(\.type.rawValue)
        guard reader.isAtEnd else { throw MalformedMessage() }
    }
}
