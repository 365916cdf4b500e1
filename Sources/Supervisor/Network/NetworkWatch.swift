internal import Audit
internal import Linux
internal import Network
internal import Sandbox

/// What the supervisor sees of a sandbox's network: the door and what it tells, and what never comes to the door.
struct NetworkWatch: ~Copyable {
    private var door: EgressDoor
    private var owners: SocketOwners
    /// Sees what is sent to where nobody listens; nil where the kernel allows no such socket.
    private var packets: PacketObserver?
    private var connections = OpenConnections()
    /// The names behind the door's own addresses.
    private var names: [IPAddress: DomainName] = [:]
    private var attempts = ConnectionAttempts()
    private var nextCount: Int64 = 0

    /// Frames that are read in one go.
    private static let mostFrames = 64
    /// More than the kernel has room for (net.core.rmem_default).
    private static let mostWaiting = 65_536
    private static let mostNames = 4096
    /// How long the door's last reports are waited for at the end.
    private static let lastWords: Int64 = 200_000_000
    private static let second: Int64 = 1_000_000_000

    /// Takes what was made in the sandbox's network.
    init(_ program: EgressDoor.Program, _ descriptors: consuming NetworkDescriptors) throws(Errno) {
        var descriptors = descriptors
        let observer = try Self.makeObserver(descriptors.packets.take())
        var listeners = DescriptorList()
        swap(&listeners, &descriptors.listeners)
        door = try EgressDoor(program, listeners: listeners)
        owners = SocketOwners(diagnosis: descriptors.diagnosis.take())
        packets = observer
    }

    private static func makeObserver(
        _ sockets: consuming DescriptorList?
    ) throws(Errno) -> PacketObserver? {
        guard let sockets else { return nil }
        return try PacketObserver(sockets)
    }

    /// Whether what never comes to the door is seen.
    var seesPackets: Bool { packets != nil }

    /// Why there is no door any more; the command can't go on then.
    var failure: String? { door.failure }

    /// How many entries for poll(2) there are.
    static let entryCount = 2

    /// Adds the entries for poll(2): of the door, and of the packets.
    func addEntries(to entries: inout [Poll.Entry]) {
        entries.append(door.entry)
        entries.append(Poll.Entry(packetNumber, .readable))
    }

    private var packetNumber: Int32 {
        switch packets {
        case .some(let packets): packets.descriptor
        case .none: -1
        }
    }

    /// When there is something to do without being told, by the monotonic clock.
    var nextDeadline: Int64? { door.nextDeadline }

    /// Somebody inside is about to connect.
    mutating func note(_ attempt: ConnectionAttempt) {
        attempts.add(attempt)
    }

    /// Does what there is to do, and records what came of it. The door goes on with nothing that isn't recorded.
    ///
    /// - Parameters:
    ///   - said: what poll(2) says of the door's entry.
    ///   - arrived: what it says of the packets'.
    ///   - witness: where the host is looked up, and what records.
    ///   - processes: the sandbox's process file system; negative when it isn't there.
    mutating func serve(
        door said: Poll.Events, packets arrived: Poll.Events, _ witness: inout SessionWitness,
        processes: Int32
    ) {
        let now = Clock.monotonic()
        let isDue = door.nextDeadline.map { now >= $0 } ?? false
        if !said.isEmpty || isDue {
            record(door.serve(said, &witness.host, at: now), &witness.recorder, processes)
        }
        if !arrived.isEmpty { readPackets(&witness.recorder, most: Self.mostFrames, at: now) }
    }

    private mutating func record(
        _ notices: [EgressDoor.Notice], _ recorder: inout SessionRecorder, _ processes: Int32
    ) {
        var last: UInt64?
        for notice in notices {
            switch notice {
            case .event(let number, let event):
                let process = owner(of: event, processes)
                connections.note(event, process, at: Clock.monotonic())
                recorder.record(event, by: process)
                last = number
            case .named(let address, let name):
                if names.count < Self.mostNames || names[address] != nil { names[address] = name }
            case .died(let sentence):
                recorder.doorDied(sentence)
                for broken in connections.breakAll(at: Clock.monotonic()) {
                    recorder.record(broken.event, by: broken.process)
                }
            }
        }
        if let last, recorder.failure == nil { door.confirm(last) }
    }

    private mutating func owner(of event: NetworkEvent, _ processes: Int32) -> AuditedProcess? {
        if let known = connections.process(of: event) { return known }
        // The socket is gone by then.
        if event.kind == .closed { return nil }
        return owners.owner(
            local: event.client, remote: event.destination, isDatagram: event.isDatagram, attempts: attempts,
            processes: processes)
    }

    /// Records what was refused because nobody listens there, for a while.
    private mutating func readPackets(_ recorder: inout SessionRecorder, most: Int, at now: Int64) {
        for _ in 0..<most {
            guard let frame = packets?.next() else { break }
            guard let packet = RefusedPacket(frame: frame) else { continue }
            recorder.record(
                event(of: packet), by: owners.sender(to: packet.destination, attempts: attempts))
        }
        guard now >= nextCount else { return }
        nextCount = now + Self.second
        countLost(&recorder)
    }

    private func event(of packet: RefusedPacket) -> NetworkEvent {
        var event = NetworkEvent(
            .denied, .packet, client: packet.client, destination: packet.destination,
            port: packet.destination.port)
        event.isDatagram = packet.isDatagram
        event.reason = .noListener
        if let name = names[packet.destination.address] {
            event.host = Array(name.text.utf8)
        }
        // ECONNREFUSED, which is what the program sees; of datagrams to many it sees nothing.
        if packet.destination.address.kind != .multicast { event.errno = 111 }
        return event
    }

    /// Counts what the kernel had no room to show.
    private mutating func countLost(_ recorder: inout SessionRecorder) {
        guard let lost = packets?.takeLost(), lost > 0 else { return }
        recorder.losesPackets(Int(lost))
    }

    /// Records what the door has still to tell, now that no process is left inside, and ends it.
    mutating func finish(_ recorder: inout SessionRecorder) {
        let end = Clock.monotonic() + Self.lastWords
        record(door.lastWords(within: 0), &recorder, -1)
        while door.isRunning, !connections.isEmpty {
            let left = end - Clock.monotonic()
            if left <= 0 { break }
            record(door.lastWords(within: left), &recorder, -1)
        }
        door.stop()
        // What the door could tell no more: how much they moved isn't known.
        for broken in connections.breakAll(at: Clock.monotonic()) {
            recorder.record(broken.event, by: broken.process)
        }
        readPackets(&recorder, most: Self.mostWaiting, at: Clock.monotonic())
        countLost(&recorder)
    }
}
