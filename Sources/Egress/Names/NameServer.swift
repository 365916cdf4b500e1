internal import Linux
internal import Network

/// The name server of a sandbox: UDP and TCP, port 53 of every address.
///
/// It reads without ever waiting and holds a refusal back until it is recorded. What is too much stays in the kernel's
/// queues: questions past the rate and past the refusals that wait, connections past `mostStreams`.
struct NameServer: ~Copyable {
    /// What the numbers are that the server is bounded by.
    struct Limits: Sendable {
        /// Questions in a second.
        var perSecond = 200
        /// Questions at once, after a rest.
        var burst = 400
        /// Refusals that wait for their record.
        var held = 256
        /// TCP connections.
        var streams = 32
        /// How long a TCP connection may take for a question, and lie idle (RFC 7766, 6.2.3), in nanoseconds.
        var patience: Int64 = 10_000_000_000
    }

    /// Whom an answer goes to.
    private enum Asker {
        case datagram(SocketEndpoint, asked: IPAddress)
        case stream(UInt64)
    }

    private struct Reply {
        var asker: Asker
        var message: [UInt8]
    }

    private struct Held {
        var number: UInt64
        var reply: Reply
    }

    /// What the supervisor has to be told.
    struct Told {
        /// Refusals, under consecutive numbers.
        var events: [NetworkEvent]
        /// Addresses that are about to be given out for the first time, and the names that have them.
        var named: [(IPAddress, DomainName)]
    }

    private var queue: EventQueue
    private let datagrams: FileDescriptor
    private let listener: FileDescriptor
    private let limits: Limits
    private var streams = NameStreams()
    /// Answers of this turn.
    private var ready: [Reply] = []
    /// Answers that wait for their record.
    private var held: [Held] = []
    private var rate: TokenBucket
    /// Whether the sockets of the sandbox are waited for, as far as the queue knows.
    private var isListening = (datagrams: true, streams: true)
    /// When the rate lets the next question be read, if it doesn't now.
    private var nextToken: Int64?

    private static let datagramNumber: UInt64 = 0
    private static let listenerNumber: UInt64 = 1
    /// How many datagrams are read in one go, so that others get their turn.
    private static let mostAtOnce = 64
    /// More than any question takes with all its options; what is longer isn't one.
    private static let longestQuestion = 2048

    /// Takes over the two listeners, before the door is confined.
    init(
        datagrams: consuming FileDescriptor, streams listener: consuming FileDescriptor, now: Int64,
        limits: Limits = Limits()
    ) throws(Errno) {
        let queue = try EventQueue()
        try Datagrams.answerFromAnywhere(datagrams.number)
        try queue.add(datagrams.number, .readable, number: Self.datagramNumber)
        try queue.add(listener.number, .readable, number: Self.listenerNumber)
        self.queue = queue
        self.datagrams = datagrams
        self.listener = listener
        self.limits = limits
        rate = TokenBucket(perSecond: limits.perSecond, burst: limits.burst, now: now)
    }

    /// Readable while there is something to serve.
    var descriptor: Int32 { queue.descriptor.number }

    /// When it has to be served although nothing became readable; nil without such a time.
    var deadline: Int64? {
        // Messages of streams that wait here aren't told by the queue.
        let waiting: Int64? = streams.hasUnanswered && held.count < limits.held ? 0 : nil
        return Clock.first(nextToken ?? waiting, streams.deadline(patience: limits.patience))
    }

    /// Reads what is there. After what it tells has been sent to the supervisor, `flush` answers.
    ///
    /// - Parameters:
    ///   - now: the monotonic clock's time.
    ///   - firstNumber: the number of the first event; each takes the next.
    ///   - decision: what decides about names.
    ///   - addresses: the addresses of names.
    /// - Returns: what is to be told.
    mutating func serve(
        now: Int64, firstNumber: UInt64, decision: NetworkDecision, addresses: inout SyntheticAddresses
    ) -> Told {
        var turn = NameTurn(now: now, nextNumber: firstNumber, decision: decision)
        let wasFull = !isListening.datagrams
        nextToken = nil
        let count = (try? queue.wait(nanoseconds: 0)) ?? 0
        for index in 0..<count {
            let event = queue[index]
            switch event.number {
            case Self.datagramNumber: readDatagrams(&turn, &addresses)
            case Self.listenerNumber: acceptStreams(now)
            // There is nobody to answer any more; told for as long as the connection is there.
            case let number where !event.happened.isDisjoint(with: [.hungUp, .failed]): streams.close(number)
            case let number: serveStream(number, &turn, &addresses)
            }
        }
        // What the queue wasn't asked about, and messages that came before the rate let them pass.
        if wasFull { readDatagrams(&turn, &addresses) }
        for number in streams.unanswered { serveStream(number, &turn, &addresses) }
        for number in streams.expired(now: now, patience: limits.patience) { streams.close(number) }
        listen()
        return Told(events: turn.events, named: addresses.takeNew())
    }

    /// Sends the answers that wait for no record.
    mutating func flush() {
        for reply in ready { send(reply) }
        ready.removeAll(keepingCapacity: true)
    }

    /// The number of the event whose record an answer waits for first; nil when none does.
    var awaited: UInt64? { held.first?.number }

    /// The events up to this number are recorded: what waited for them is answered.
    mutating func recorded(upTo number: UInt64) {
        guard let first = held.first, first.number <= number else { return }
        let count = held.prefix { $0.number <= number }.count
        for answer in held.prefix(count) { send(answer.reply) }
        held.removeFirst(count)
        listen()
    }

    /// Whether another question may be read.
    private mutating func hasRoom(now: Int64) -> Bool {
        guard held.count < limits.held else { return false }
        nextToken = rate.next(now: now)
        return nextToken == nil
    }

    private mutating func readDatagrams(_ turn: inout NameTurn, _ addresses: inout SyntheticAddresses) {
        for _ in 0..<Self.mostAtOnce {
            guard hasRoom(now: turn.now),
                let received = try? Datagrams.receive(datagrams.number, atMost: Self.longestQuestion)
            else { return }
            rate.take()
            // An answer to port 0 or to itself would come from nobody or go round.
            guard received.from.port != 0, received.from.port != NetworkListener.namePort else { continue }
            let asker = Asker.datagram(received.from, asked: received.to)
            let destination = SocketEndpoint(received.to, NetworkListener.namePort)
            answer(
                received.bytes, from: received.from, at: destination, asker, &turn, &addresses)
        }
    }

    private mutating func acceptStreams(_ now: Int64) {
        while streams.count < limits.streams {
            var peer = SocketEndpoint(IPAddress(high: 0, low: 0), 0)
            // Out of descriptors: it is tried again when one of the streams ends or its time is over.
            guard let accepted = try? Streams.accept(listener.number, from: &peer) else { return }
            guard let asked = try? Streams.name(of: accepted.number) else { continue }
            streams.open(accepted, from: peer, at: asked, now: now, in: queue)
        }
    }

    private mutating func serveStream(
        _ number: UInt64, _ turn: inout NameTurn, _ addresses: inout SyntheticAddresses
    ) {
        streams.read(number, now: turn.now)
        while streams.hasMessage(number), hasRoom(now: turn.now),
            let message = streams.nextMessage(number, now: turn.now), let ends = streams.ends(of: number)
        {
            rate.take()
            answer(message, from: ends.peer, at: ends.own, .stream(number), &turn, &addresses)
        }
        streams.finish(number, in: queue)
    }

    private mutating func answer(
        _ message: [UInt8], from client: SocketEndpoint, at destination: SocketEndpoint, _ asker: Asker,
        _ turn: inout NameTurn, _ addresses: inout SyntheticAddresses
    ) {
        switch NameResponder.respond(to: message, decision: turn.decision, addresses: &addresses) {
        case .nothing: return
        case .reply(let reply): ready.append(Reply(asker: asker, message: reply))
        case .denial(let reply, let denial):
            var event = NetworkEvent(
                .nameDenied, .dns, client: client, destination: destination, port: destination.port)
            if case .datagram = asker { event.isDatagram = true }
            event.host = Array(denial.host.prefix(DoorMessage.mostNameBytes))
            event.questionType = denial.type.rawValue
            event.reason = denial.reason
            event.rule = denial.rule
            held.append(
                Held(number: turn.tell(event), reply: Reply(asker: asker, message: reply)))
        }
        if case .stream(let number) = asker { streams.hold(number) }
    }

    private mutating func send(_ reply: Reply) {
        switch reply.asker {
        case .datagram(let client, let asked):
            // A program whose queue is full, or that is gone, asks again or doesn't.
            try? Datagrams.send(datagrams.number, reply.message, to: client, from: asked)
        case .stream(let number):
            streams.answer(number, reply.message)
            streams.finish(number, in: queue)
        }
    }

    /// Waits for the sandbox's sockets only while something could be done about them.
    private mutating func listen() {
        let wanted = (
            datagrams: held.count < limits.held && nextToken == nil, streams: streams.count < limits.streams
        )
        if wanted.datagrams != isListening.datagrams {
            try? queue.change(
                datagrams.number, wanted.datagrams ? .readable : [], number: Self.datagramNumber)
        }
        if wanted.streams != isListening.streams {
            try? queue.change(listener.number, wanted.streams ? .readable : [], number: Self.listenerNumber)
        }
        isListening = wanted
    }
}
