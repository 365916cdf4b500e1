internal import Linux
internal import Network

/// The door's one loop: everything that happens to its sockets, one after the other.
///
/// Nothing in it waits. What comes from the sandbox is bounded: connections by a cap and a rate, the bytes of each by
/// what its stage may hold, what is told to the supervisor by pausing at its backlog.
@safe
final class EgressLoop {
    /// Whose descriptor told of something: the upper byte of its number in the queue.
    enum Source {
        static let client: UInt64 = 0
        static let server: UInt64 = 1 << 56
        static let control: UInt64 = 2 << 56
        static let listener: UInt64 = 3 << 56
        static let names: UInt64 = 4 << 56
        static let resolver: UInt64 = 5 << 56
        static let mask: UInt64 = 0xff << 56
    }

    let limits: DoorLimits
    let decision: NetworkDecision
    /// Where the lines of `network.deny` stand.
    let denyOrigins: [[UInt8]]
    let control: FileDescriptor
    let listeners: ListenerSet
    var queue: EventQueue
    var announcements: Announcements
    var connections = ConnectionTable()
    var pipes = PipePool()
    var gate: TokenBucket
    var addresses: SyntheticAddresses
    var names: NameServer?
    var resolver: NameResolver
    var now: Int64

    /// Connections that wait for a record, in the order of its number.
    var waiting = WaitingList()
    /// Connections that have ended in this turn. Their sockets are closed at its end: that takes time, for which nobody
    /// waits, while others wait for what else there is to do.
    var ended: [Connection] = []
    /// Connections that had to let others go first.
    var turns: [UInt64] = []
    /// When connections are looked through for those whose time is over.
    var nextLook: Int64 = .max
    /// Much happened at once.
    private(set) var isBusy = false
    /// Packets to the supervisor are left over, so the queue waits for room as well.
    var isControlBlocked = false
    /// Events that nothing waits for, and until when they may be put off.
    var late: [NetworkEvent] = []
    var lateUntil: Int64 = .max
    /// Nobody is let in until then; nil lets in.
    var pausedUntil: Int64?
    /// For bytes on their way through; 64 KiB.
    let scratch: UnsafeMutableRawBufferPointer

    /// For packets of the supervisor.
    let controlScratch: UnsafeMutableRawBufferPointer

    static let scratchSize = 64 * 1024
    /// Up to here a turn is no busy one.
    private static let fewEvents = 4

    deinit {
        unsafe scratch.deallocate()
        unsafe controlScratch.deallocate()
    }

    /// Takes over what the door was given. Reads nothing from the sandbox yet.
    init(
        settings: DoorSettings, control: consuming FileDescriptor, progress: consuming FileDescriptor,
        listeners: consuming DoorListeners, limits: DoorLimits, now: Int64
    ) throws(DoorError) {
        do throws(Errno) {
            announcements = Announcements(socket: control.number, try SharedProgress(progress.number))
        } catch {
            throw .call("mmap", error)
        }
        do throws(Errno) {
            queue = try EventQueue()
            resolver = try NameResolver(settings)
            names = try listeners.takeNames(now: now)
        } catch {
            throw .call("epoll_create1", error)
        }
        guard let addresses = SyntheticAddresses(settings) else { throw .settings }
        self.addresses = addresses
        self.limits = limits
        self.now = now
        decision = NetworkDecision(settings)
        denyOrigins = settings.denyOrigins
        gate = TokenBucket(perSecond: limits.connectionsPerSecond, burst: limits.connectionBurst, now: now)
        self.control = control
        self.listeners = listeners.streams
        unsafe scratch = .allocate(byteCount: Self.scratchSize, alignment: 4096)
        unsafe controlScratch = .allocate(byteCount: DoorMessage.mostBytes, alignment: 4096)
    }

    /// Serves until the supervisor is gone.
    func run() throws(Errno) {
        try queue.add(control.number, .readable, number: Source.control)
        try queue.add(resolver.descriptor, .readable, number: Source.resolver)
        if let descriptor = names?.descriptor {
            try queue.add(descriptor, .readable, number: Source.names)
        }
        // Sockets have it from their listener (tcp(7)).
        for listener in listeners.numbers { try Streams.setNoDelay(listener) }
        try setListening(true)
        announcements.send(.ready)
        while !announcements.isLost {
            askForRecords()
            ended.removeAll(keepingCapacity: true)
            let count = try queue.wait(nanoseconds: timeout)
            now = Clock.monotonic()
            isBusy = count > Self.fewEvents
            for index in 0..<count { handle(queue[index]) }
            takeRecords()
            takeTurns()
            lookAfterTime()
        }
    }

    private func handle(_ event: EventQueue.Event) {
        switch event.number & Source.mask {
        case Source.control: readControl()
        case Source.listener: accept(Int32(truncatingIfNeeded: event.number))
        case Source.names: serveNames()
        case Source.resolver: serveResolver()
        case Source.client:
            guard let connection = connections[event.number] else { return }
            connection.clientState.add(event.happened)
            proceed(connection)
        case Source.server:
            guard let connection = connections[event.number & ~Source.mask], connection.server != nil else {
                return
            }
            connection.serverState.add(event.happened)
            if connection.isConnected { proceed(connection) } else { finishConnect(connection) }
        default: return
        }
    }

    /// Goes on with connections that had moved their share.
    private func takeTurns() {
        guard !turns.isEmpty else { return }
        let numbers = turns
        turns = []
        for number in numbers {
            guard let connection = connections[number] else { continue }
            connection.isInTurn = false
            proceed(connection)
        }
    }

    /// Does what a connection's stage allows with what its sockets have.
    func proceed(_ connection: Connection) {
        switch connection.stage {
        case .greeting: readGreeting(connection)
        case .sniffing: sniff(connection)
        case .opening: watchClient(connection)
        case .exchanging: exchange(connection)
        case .relaying: relay(connection)
        case .refused: watchClient(connection)
        case .probing: probe(connection)
        case .lingering: linger(connection)
        }
    }
}
