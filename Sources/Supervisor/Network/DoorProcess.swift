internal import Linux
internal import Network

/// The process of the door, and the socket on which it reports.
struct DoorProcess: ~Copyable {
    /// Why there is no process, or no more.
    enum End: Error, Hashable {
        /// It couldn't be started.
        case unstartable(Errno)
        /// It has ended.
        case ended(WaitStatus)
        /// It didn't say in time that it is confined.
        case silent
        /// It said why it can't be opened.
        case unopened(String)
        /// What it said makes no sense.
        case garbage
    }

    private let started: Processes.Started
    private let socket: FileDescriptor
    /// How far what it said is recorded.
    private let progress: SharedProgress
    /// What couldn't be sent yet, because the door doesn't read: only the last of each kind matters.
    private var confirmation: UInt64?
    private var resolver: DoorMessage?
    private var isReaped = false
    private var packets = PacketBatch(capacity: DoorMessage.mostEventBytes)
    /// The number of the last event.
    private var number: UInt64 = 0
    /// Whether it has said that it is confined.
    private(set) var isReady = false

    /// Starts the door.
    ///
    /// - Parameters:
    ///   - program: where its program is.
    ///   - settings: what it is told.
    ///   - listeners: the listening sockets; they stay open here.
    /// - Throws: what the kernel says when there can't be another process, or nothing to tell it by.
    init(_ program: AbsolutePath, _ settings: DoorSettings, listeners: [Int32]) throws(Errno) {
        // What is missing is said better here than by a status.
        _ = try Files.targetStatus(CString(program))
        let sockets = try Sockets.pair()
        let memory = try Files.sealedMemory(CString("mews-egress-settings"), settings.encoded)
        let shared = try SharedProgress.memory(CString("mews-egress-progress"))
        let progress = try SharedProgress(shared.number)
        let nothing = try Files.open(CString("/dev/null"), [.readWrite, .closeOnExec])
        let hasError = (try? Files.statusFlags(of: 2)) != nil
        let own = [nothing.number, nothing.number, hasError ? 2 : nothing.number]
        try Files.setNonBlocking(sockets.first.number)
        started = try Processes.start(
            CString(program), name: CString("mews-egress"),
            descriptors: own + [sockets.second.number, memory.number, shared.number] + listeners)
        self.progress = progress
        socket = sockets.keepingFirst()
    }

    deinit {
        if isReaped { return }
        try? Processes.signal(descriptor: started.descriptor.number, Signals.kill)
        _ = try? Processes.wait(for: started.process)
    }

    /// The entry for poll(2): to read what it says, and to write what it hasn't taken yet.
    var entry: Poll.Entry {
        Poll.Entry(
            socket.number, confirmation == nil && resolver == nil ? .readable : [.readable, .writable])
    }

    /// What the door says.
    enum Said {
        /// Something was decided or seen.
        case event(UInt64, NetworkEvent)
        /// A name got an address of the door's own.
        case named(IPAddress, DomainName)
    }

    /// The next that it says; nil when there is nothing now.
    mutating func next() throws(End) -> Said? {
        while true {
            let packet: [UInt8]?
            do throws(Errno) {
                packet = try receive()
            } catch { throw end() }
            guard let bytes = packet else { return nil }
            if bytes.isEmpty { throw end() }
            switch DoorMessage(encoded: bytes) {
            case .ready where !isReady: isReady = true
            case .event(let number, let event) where isReady && number == self.number + 1:
                self.number = number
                return .event(number, event)
            case .named(let address, let name) where isReady: return .named(address, name)
            case .unopened(let reason): throw .unopened(PrintableText.escape(reason))
            default: throw .garbage
            }
        }
    }

    /// Whether it has said more than was asked for, which poll(2) doesn't tell any more.
    var isHeardOut: Bool { !packets.holdsPackets }

    private mutating func receive() throws(Errno) -> [UInt8]? {
        do throws(Errno) {
            return try packets.take(from: socket.number)
        } catch .connectionReset {
            // It is gone and has left packets from here unread. What it sent last is still there.
            return try packets.take(from: socket.number)
        }
    }

    /// Confirms the records of all events up to a number: the door looks for itself, and is told when it sleeps over one.
    mutating func confirm(_ number: UInt64) {
        guard progress.reach(number) else { return }
        confirmation = number
        flush()
    }

    /// Tells of the host's files anew.
    mutating func tell(configuration: [UInt8], hosts: [UInt8]) {
        resolver = .resolver(configuration: configuration, hosts: hosts)
        flush()
    }

    /// Sends what waits, as far as the door takes it.
    mutating func flush() {
        do throws(Errno) {
            if let number = confirmation {
                try Sockets.send(DoorMessage.recorded(number).encoded, to: socket.number)
                confirmation = nil
            }
            if let message = resolver {
                try Sockets.send(message.encoded, to: socket.number)
                resolver = nil
            }
        } catch .again {
        } catch {
            // It is gone, which the next read tells.
            confirmation = nil
            resolver = nil
        }
    }

    /// How it ended. The socket is closed already, so that is a matter of moments; else it is helped along.
    private mutating func end() -> End {
        var entries = [Poll.Entry(started.descriptor.number, .readable)]
        let isOver = (try? Poll.wait(&entries, nanoseconds: 50_000_000)) == 1
        if !isOver { try? Processes.signal(descriptor: started.descriptor.number, Signals.kill) }
        isReaped = true
        guard let status = try? Processes.wait(for: started.process) else { return .garbage }
        // Who closes the socket and lives on has to be killed, and that isn't how it ended.
        return isOver ? .ended(status) : .garbage
    }
}

extension DoorProcess.End: CustomStringConvertible {
    /// The rest of a sentence that begins with the door.
    var description: String {
        switch self {
        case .unstartable(let errno): "can't be started (\(errno))"
        case .ended(.exited(let status)): "ended with status \(status)"
        case .ended(.signalled(let signal)), .ended(.stopped(let signal)): "was ended by signal \(signal)"
        case .unopened(let reason): "could not be opened (\(reason))"
        case .silent: "didn't begin its work in time"
        case .garbage: "said what makes no sense and was ended"
        }
    }
}
