internal import Linux

/// One question to one server, over a socket of its own: connected, so that the kernel drops what others send, from a
/// port that it chose at random.
final class NameExchange {
    /// What has become of it.
    enum Progress {
        /// It goes on.
        case waiting
        /// It is over.
        case answered(NameAnswer)
        /// The server can't be reached.
        case unreachable
    }

    /// Which of the names looked up it is for.
    let lookup: UInt64
    /// What is asked.
    let question: NameQuestion
    /// Which server it is.
    let server: SocketEndpoint
    /// Whether it goes over TCP: slower, and not to be answered by somebody else.
    let isStream: Bool
    /// Until when it is waited for.
    let deadline: Int64

    private let descriptor: FileDescriptor
    private let identifier: UInt16
    private let echo: [UInt8]
    private var strays = 0
    private var input: [UInt8] = []
    private var output: ArraySlice<UInt8> = []

    /// The most datagrams that aren't the answer: somebody is guessing.
    private static let mostStrays = 16
    /// The longest datagram that is read. None longer than 512 bytes was asked for (RFC 1035, 4.2.1).
    private static let longestDatagram = 4096

    /// Sends the question, over TCP as soon as it is connected.
    init(
        lookup: UInt64, question: NameQuestion, server: SocketEndpoint, isStream: Bool, deadline: Int64
    ) throws(Errno) {
        var random = SystemRandomNumberGenerator()
        let identifier = UInt16.random(in: 0...UInt16.max, using: &random)
        let echo = Self.echo(of: question, &random)
        var message: [UInt8] = []
        message.add(identifier)
        // RD: the server is to ask others.
        for number in [0x0100, 1, 0, 0, 0] as [UInt16] { message.add(number) }
        message += echo
        self.lookup = lookup
        self.question = question
        self.server = server
        self.isStream = isStream
        self.deadline = deadline
        self.identifier = identifier
        self.echo = echo
        if isStream {
            descriptor = try Streams.socket(towards: server.address)
            output.append(UInt8(message.count >> 8))
            output.append(UInt8(message.count & 0xff))
            output += message
            _ = try Streams.connect(descriptor.number, to: server)
        } else {
            descriptor = try Datagrams.socket(towards: server.address)
            try Datagrams.connect(descriptor.number, to: server)
            _ = try Streams.send(descriptor.number, message[...])
        }
    }

    /// The question with each letter's case by chance: who answers has to have seen it (0x20).
    private static func echo(of question: NameQuestion, _ random: inout SystemRandomNumberGenerator)
        -> [UInt8]
    {
        var echo = question.name.bytes
        var bits: UInt64 = 0
        for index in echo.indices {
            if index % 64 == 0 { bits = UInt64.random(in: 0...UInt64.max, using: &random) }
            let isLetter = echo[index] >= UInt8(ascii: "a") && echo[index] <= UInt8(ascii: "z")
            if isLetter, bits >> UInt64(index % 64) & 1 == 1 { echo[index] ^= 0x20 }
        }
        echo.append(0)
        echo.add(question.type.rawValue)
        echo.add(question.classNumber)
        return echo
    }

    /// Waits for what comes next.
    func register(in queue: borrowing EventQueue, number: UInt64) throws(Errno) {
        try queue.add(descriptor.number, output.isEmpty ? .readable : .writable, number: number)
    }

    /// Goes on, when the socket said that it can.
    func proceed(in queue: borrowing EventQueue, number: UInt64) -> Progress {
        do throws(Errno) {
            guard isStream else { return try receiveDatagrams() }
            if !output.isEmpty {
                if let error = Streams.pendingError(of: descriptor.number) { throw error }
                output = output.dropFirst(try Streams.send(descriptor.number, output))
                if output.isEmpty { try queue.change(descriptor.number, .readable, number: number) }
                return .waiting
            }
            return try receiveStream()
        } catch .again {
            return .waiting
        } catch {
            return .unreachable
        }
    }

    private func receiveDatagrams() throws(Errno) -> Progress {
        while true {
            let message = try Streams.receive(descriptor.number, atMost: Self.longestDatagram)
            let answer = NameAnswer.read(message, identifier: identifier, question: question, echo: echo)
            guard answer == .foreign else { return .answered(answer) }
            strays += 1
            if strays > Self.mostStrays { return .answered(.unproven) }
        }
    }

    private func receiveStream() throws(Errno) -> Progress {
        let bytes = try Streams.receive(descriptor.number, atMost: 16_384)
        input += bytes
        guard input.count >= 2 else { return bytes.isEmpty ? .unreachable : .waiting }
        let length = Int(input[0]) << 8 | Int(input[1])
        guard input.count >= length + 2 else { return bytes.isEmpty ? .unreachable : .waiting }
        let message = Array(input[2..<(length + 2)])
        let answer = NameAnswer.read(message, identifier: identifier, question: question, echo: nil)
        switch answer {
        // Nobody else can have sent this.
        case .foreign, .unproven, .truncated: return .answered(.malformed)
        default: return .answered(answer)
        }
    }
}
