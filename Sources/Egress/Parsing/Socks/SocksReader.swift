internal import Linux
internal import Network

/// Reads what a SOCKS client says before its tunnel begins, in whatever pieces it comes.
struct SocksReader: Sendable {
    /// What is to be done.
    enum Step: Hashable, Sendable {
        /// It isn't whole yet.
        case needMore
        /// Send this and go on reading.
        case answer([UInt8])
        /// The request; what follows it is ``SocksReader/unread``.
        case request(SocksRequest)
        /// It is none that can be decided about: send the answer, empty where there is no way to say it, and close.
        case rejected(answer: [UInt8], NetworkReason, host: [UInt8], port: UInt16)
    }

    /// The most bytes of a user's name or a domain in version 4, as in version 5.
    static let mostTextBytes = 255

    private enum State: Sendable {
        case greeting
        case request
        case ended(Step)
    }

    private var state = State.greeting
    /// What came and wasn't used yet. After the request: what is for the tunnel.
    private(set) var unread: [UInt8] = []

    /// Whether a connection that begins with this byte speaks SOCKS.
    static func begins(with byte: UInt8) -> Bool { byte == 4 || byte == 5 }

    /// Reads what came next. Call it with nothing after an ``Step/answer(_:)``: more may have come already.
    mutating func read(_ bytes: some Sequence<UInt8>) -> Step {
        unread += bytes
        switch state {
        case .ended(let step): return step
        case .greeting:
            switch unread.first {
            case nil: return .needMore
            case 5: return greeting()
            case 4: return request4()
            default: return end(Self.malformed(answer: []))
            }
        case .request: return request5()
        }
    }

    private mutating func end(_ step: Step) -> Step {
        if step != .needMore { state = .ended(step) }
        return step
    }

    private static func malformed(answer: [UInt8]) -> Step {
        .rejected(answer: answer, .malformedRequest, host: [], port: 0)
    }

    /// The methods of authentication, of which the one without is the only one here: whoever reaches this socket is
    /// inside.
    private mutating func greeting() -> Step {
        guard unread.count >= 2 else { return .needMore }
        let count = Int(unread[1])
        guard unread.count >= 2 + count else { return .needMore }
        let isOpen = unread[2..<(2 + count)].contains(0)
        unread.removeFirst(2 + count)
        guard isOpen else { return end(Self.malformed(answer: [5, 0xff])) }
        state = .request
        return .answer([5, 0])
    }

    private mutating func request5() -> Step {
        guard unread.first ?? 5 == 5 else { return end(rejected5(.failed)) }
        guard unread.count >= 5 else { return .needMore }
        guard unread[2] == 0 else { return end(rejected5(.failed)) }
        // Before the address: what isn't a connection needn't name one.
        guard unread[1] == 1 else { return end(rejected5(.commandUnknown)) }
        let hostStart: Int
        let hostCount: Int
        switch unread[3] {
        case 1: (hostStart, hostCount) = (4, 4)
        case 3: (hostStart, hostCount) = (5, Int(unread[4]))
        case 4: (hostStart, hostCount) = (4, 16)
        default: return end(rejected5(.addressTypeUnknown))
        }
        guard hostCount > 0 else { return end(rejected5(.failed, .malformedHost)) }
        let portStart = hostStart + hostCount
        guard unread.count >= portStart + 2 else { return .needMore }
        let text = Array(unread[hostStart..<portStart])
        let port = Self.port(unread[portStart...])
        let host = unread[3] == 3 ? RequestedHost(socks: text) : IPAddress(bytes: text).map { .address($0) }
        unread.removeFirst(portStart + 2)
        guard let host, port > 0 else {
            return end(
                .rejected(
                    answer: SocksRequest.answer(.failed, .five), .malformedHost,
                    host: host.map { Array("\($0)".utf8) } ?? text, port: port))
        }
        return end(.request(SocksRequest(version: .five, endpoint: RequestedEndpoint(host, port))))
    }

    private func rejected5(
        _ outcome: SocksRequest.Outcome, _ reason: NetworkReason = .malformedRequest
    ) -> Step {
        .rejected(answer: SocksRequest.answer(outcome, .five), reason, host: [], port: 0)
    }

    /// `4 COMMAND PORT ADDRESS USER NUL`, and with 4a's addresses of `0.0.0.x` also `NAME NUL`.
    private mutating func request4() -> Step {
        let answer = SocksRequest.answer(.failed, .four)
        guard unread.count >= 8 else { return .needMore }
        guard unread[1] == 1 else { return end(Self.malformed(answer: answer)) }
        guard let user = Self.text(in: unread[8...]) else {
            return unread.count - 8 > Self.mostTextBytes
                ? end(Self.malformed(answer: answer)) : .needMore
        }
        let port = Self.port(unread[2...])
        let isNamed = unread[4] == 0 && unread[5] == 0 && unread[6] == 0 && unread[7] != 0
        var end = user.endIndex + 1
        var text = Array(unread[4..<8])
        if isNamed {
            guard let name = Self.text(in: unread[end...]) else {
                return unread.count - end > Self.mostTextBytes
                    ? self.end(Self.malformed(answer: answer)) : .needMore
            }
            text = Array(name)
            end = name.endIndex + 1
        }
        let host = isNamed ? RequestedHost(socks: text) : IPAddress(bytes: text).map { .address($0) }
        unread.removeFirst(end)
        guard let host, port > 0 else {
            return self.end(
                .rejected(
                    answer: answer, .malformedHost, host: host.map { Array("\($0)".utf8) } ?? text, port: port
                ))
        }
        return self.end(.request(SocksRequest(version: .four, endpoint: RequestedEndpoint(host, port))))
    }

    /// What stands before the next NUL; nil when there is none in what may be looked at.
    private static func text(in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let bytes = bytes.prefix(mostTextBytes + 1)
        return bytes.firstIndex(of: 0).map { bytes[..<$0] }
    }

    private static func port(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
    }
}
