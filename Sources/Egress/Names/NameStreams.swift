internal import Linux

/// The TCP connections of a name server: each carries messages with their length before them (RFC 1035, 4.2.2), several
/// one after the other or at once (RFC 7766).
struct NameStreams {
    private final class Stream {
        let descriptor: FileDescriptor
        let peer: SocketEndpoint
        let own: SocketEndpoint
        var input: [UInt8] = []
        var output: ArraySlice<UInt8> = []
        /// Answers that are still to come.
        var held = 0
        /// Since when nothing whole has come or gone.
        var quietSince: Int64
        var hasEnded = false
        var isBroken = false
        var interest: EventQueue.Interest = .readable

        init(_ descriptor: consuming FileDescriptor, peer: SocketEndpoint, own: SocketEndpoint, now: Int64) {
            self.descriptor = descriptor
            self.peer = peer
            self.own = own
            quietSince = now
        }

        /// The length of the message that is to come next; nil until it is there.
        var announced: Int? { input.count < 2 ? nil : Int(input[0]) << 8 | Int(input[1]) }
        var hasMessage: Bool { announced.map { input.count >= $0 + 2 } ?? false }
        /// Whether it has a message that wasn't taken, and somebody to answer.
        var isUnanswered: Bool { hasMessage && !isBroken }
    }

    private var streams: [UInt64: Stream] = [:]
    private var nextNumber: UInt64 = 2

    /// The longest message that is read; who announces more is no resolver.
    private static let longestMessage = 2048
    /// How much of answers may wait for a program that doesn't read, before no more of its questions are.
    private static let mostOutput = 16_384

    /// How many there are.
    var count: Int { streams.count }

    /// Whether one of them has a message that wasn't taken.
    var hasUnanswered: Bool { streams.values.contains(where: \.isUnanswered) }

    /// Those with a message that wasn't taken.
    var unanswered: [UInt64] { streams.filter(\.value.isUnanswered).map(\.key) }

    /// When the first of them has been quiet for too long. A record that is waited for isn't the program's fault.
    func deadline(patience: Int64) -> Int64? {
        streams.values.lazy.filter { $0.held == 0 }.map { $0.quietSince + patience }.min()
    }

    /// Those that have been quiet for too long.
    func expired(now: Int64, patience: Int64) -> [UInt64] {
        streams.filter { $0.value.held == 0 && $0.value.quietSince + patience <= now }.map(\.key)
    }

    /// Takes over a connection.
    mutating func open(
        _ descriptor: consuming FileDescriptor, from peer: SocketEndpoint, at own: SocketEndpoint, now: Int64,
        in queue: borrowing EventQueue
    ) {
        // Answers are small; one isn't to wait for the one before to arrive.
        try? Streams.setNoDelay(descriptor.number)
        let stream = Stream(descriptor, peer: peer, own: own, now: now)
        let number = nextNumber
        nextNumber += 1
        guard (try? queue.add(stream.descriptor.number, .readable, number: number)) != nil else { return }
        streams[number] = stream
    }

    /// Ends a connection.
    mutating func close(_ number: UInt64) { streams[number] = nil }

    /// Both ends of a connection.
    func ends(of number: UInt64) -> (peer: SocketEndpoint, own: SocketEndpoint)? {
        streams[number].map { ($0.peer, $0.own) }
    }

    /// Reads what is there, as far as there is room.
    func read(_ number: UInt64, now: Int64) {
        guard let stream = streams[number], !stream.hasEnded, !stream.hasMessage,
            stream.output.count < Self.mostOutput
        else { return }
        do throws(Errno) {
            let bytes = try Streams.receive(stream.descriptor.number, atMost: Self.longestMessage + 2)
            stream.hasEnded = bytes.isEmpty
            stream.input += bytes
        } catch .again {
            return
        } catch {
            stream.isBroken = true
        }
        if let announced = stream.announced, announced > Self.longestMessage { stream.isBroken = true }
    }

    /// Whether a whole message is there.
    func hasMessage(_ number: UInt64) -> Bool {
        guard let stream = streams[number], !stream.isBroken else { return false }
        return stream.hasMessage && stream.output.count < Self.mostOutput
    }

    /// Takes a message.
    func nextMessage(_ number: UInt64, now: Int64) -> [UInt8]? {
        guard let stream = streams[number], let length = stream.announced, stream.hasMessage else {
            return nil
        }
        let message = Array(stream.input[2..<(2 + length)])
        stream.input.removeFirst(2 + length)
        stream.quietSince = now
        if let announced = stream.announced, announced > Self.longestMessage { stream.isBroken = true }
        return message
    }

    /// The answer to a message comes later.
    func hold(_ number: UInt64) { streams[number]?.held += 1 }

    /// Gives the answer to one of those that were to come later.
    func answer(_ number: UInt64, _ message: [UInt8]) {
        guard let stream = streams[number] else { return }
        stream.held -= 1
        stream.output.add(UInt16(message.count))
        stream.output += message
    }

    /// Sends what can be sent, and ends what has ended.
    mutating func finish(_ number: UInt64, in queue: borrowing EventQueue) {
        guard let stream = streams[number] else { return }
        while !stream.output.isEmpty, !stream.isBroken {
            do throws(Errno) {
                let sent = try Streams.send(stream.descriptor.number, stream.output)
                stream.output = stream.output.dropFirst(sent)
            } catch .again {
                break
            } catch {
                stream.isBroken = true
            }
        }
        let isDone = stream.hasEnded && stream.held == 0 && stream.output.isEmpty && !stream.hasMessage
        if stream.isBroken || isDone { return close(number) }
        var interest: EventQueue.Interest = stream.output.isEmpty ? [] : .writable
        if !stream.hasEnded, !stream.hasMessage, stream.output.count < Self.mostOutput {
            interest.insert(.readable)
        }
        guard interest != stream.interest else { return }
        stream.interest = interest
        if (try? queue.change(stream.descriptor.number, interest, number: number)) == nil { close(number) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func add(_ number: UInt16) {
        append(UInt8(number >> 8))
        append(UInt8(truncatingIfNeeded: number))
    }
}
