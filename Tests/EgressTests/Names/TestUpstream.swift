import Linux
import Network

@testable import Egress

/// A name server on the loopback that answers as a test tells it to, over UDP and TCP at one port.
final class TestUpstream {
    /// A question that came: its name in lower case, its type, and how.
    struct Asked: Hashable {
        var name: String
        var type: UInt16
        var isStream: Bool
    }

    /// What it answers: a message, several datagrams, or nothing at all.
    typealias Answer = (_ query: NameQuery, _ asked: Asked) -> [[UInt8]]

    let endpoint: SocketEndpoint
    private(set) var asked: [Asked] = []
    private let datagrams: FileDescriptor
    private let listener: FileDescriptor
    private var streams: [(stream: TestStream, input: [UInt8])] = []
    private let answer: Answer

    init(_ answer: @escaping Answer) throws(Errno) {
        let loopback = IPAddress(version4: 0x7f00_0001)
        listener = try Streams.listen(at: SocketEndpoint(loopback, 0))
        endpoint = try Streams.name(of: listener.number)
        // A dual-stack socket tells whom to answer; the same port is free for UDP or the test fails at once.
        let any = IPAddress(high: 0, low: 0)
        datagrams = try Datagrams.socket(towards: any)
        try Datagrams.bind(datagrams.number, to: SocketEndpoint(any, endpoint.port))
        try Datagrams.tellDestinations(datagrams.number)
        self.answer = answer
    }

    /// Answers what is there.
    func serve() {
        while let received = try? Datagrams.receive(datagrams.number, atMost: 4096) {
            for message in answers(to: received.bytes, isStream: false) {
                try? Datagrams.send(datagrams.number, message, to: received.from, from: received.to)
            }
        }
        var peer = endpoint
        while let accepted = try? Streams.accept(listener.number, from: &peer) {
            streams.append((TestStream(accepted), []))
        }
        for index in streams.indices {
            guard let bytes = try? Files.read(streams[index].stream.number, atMost: 4096) else { continue }
            streams[index].input += bytes
            let input = streams[index].input
            guard input.count > 2, input.count >= 2 + Int(input[0]) << 8 + Int(input[1]) else { continue }
            streams[index].input = []
            for message in answers(to: Array(input[2...]), isStream: true) {
                let framed = [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
                var rest = framed[...]
                while let sent = try? Streams.send(streams[index].stream.number, rest), sent < rest.count {
                    rest = rest.dropFirst(sent)
                }
            }
        }
    }

    private func answers(to message: [UInt8], isStream: Bool) -> [[UInt8]] {
        guard case .query(let query) = NameQuery.read(message) else { return [] }
        let name = String(decoding: query.question.name.text, as: UTF8.self)
        let question = Asked(name: name, type: query.question.type.rawValue, isStream: isStream)
        asked.append(question)
        return answer(query, question)
    }
}

/// A descriptor that an array can hold.
final class TestStream {
    private let descriptor: FileDescriptor
    var number: Int32 { descriptor.number }

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

extension NameQuery {
    /// An answer to this question with records given as owner, type, seconds and data.
    func answer(
        _ records: [(name: String, type: UInt16, seconds: UInt32, data: [UInt8])], code: UInt16 = 0,
        flags: UInt16 = 0
    ) -> [UInt8] {
        var message = TestMessage(identifier, flags: 0x8180 | code | flags, answers: UInt16(records.count))
        message.bytes += echo
        for record in records {
            message = message.record(
                TestMessage.wire(record.name), record.type, seconds: record.seconds, data: record.data)
        }
        return message.bytes
    }

    /// An answer with addresses of the question's own name.
    func answer(_ addresses: [String], seconds: UInt32 = 60) -> [UInt8] {
        let name = String(decoding: question.name.text, as: UTF8.self)
        let isFour = question.type == .a
        let fitting = addresses.compactMap { IPAddress($0) }.filter { ($0.version4 != nil) == isFour }
        return answer(
            fitting.map {
                (name, question.type.rawValue, seconds, isFour ? Array($0.bytes[12...]) : $0.bytes)
            })
    }
}
