public import Linux

/// What the supervisor and the door tell each other, one packet each.
public enum DoorMessage: Hashable, Sendable {
    /// From the door: it is confined and begins to read from the sandbox.
    case ready
    /// From the door: something was decided; with a number under which its record is confirmed.
    case event(UInt64, NetworkEvent)
    /// From the door: an address of its own making stands for this name; told before a program learns it, so that
    /// the name is known of what the program then sends past the door.
    case named(IPAddress, DomainName)
    /// From the door: it can't be opened, with the reason in words, and ends.
    case unopened([UInt8])
    /// From the supervisor: the records of all events up to this number are with the kernel; what they are about may
    /// go on. Sent when the door sleeps over one of them (`SharedProgress`).
    case recorded(UInt64)
    /// From the supervisor: resolv.conf(5) and hosts(5) of the host have changed.
    case resolver(configuration: [UInt8], hosts: [UInt8])

    /// The most bytes of a packet: the files are the longest.
    public static let mostBytes = 2 * DoorSettings.mostResolverBytes + 64
    /// The most bytes of a packet from the door.
    public static let mostEventBytes = 1024
    /// The most bytes of a host or a server name in an event; what is longer is cut.
    public static let mostNameBytes = 255

    /// The packet.
    public var encoded: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .ready:
            writer.add(1 as UInt8)
        case .event(let number, let event):
            writer.add(2 as UInt8)
            writer.add(number)
            writer.add(event)
        case .recorded(let number):
            writer.add(3 as UInt8)
            writer.add(number)
        case .resolver(let configuration, let hosts):
            writer.add(4 as UInt8)
            writer.add(text: configuration.prefix(DoorSettings.mostResolverBytes))
            writer.add(text: hosts.prefix(DoorSettings.mostResolverBytes))
        case .named(let address, let name):
            writer.add(5 as UInt8)
            writer.add(address)
            writer.add(text: name.text.utf8)
        case .unopened(let reason):
            writer.add(6 as UInt8)
            writer.add(text: reason.prefix(Self.mostNameBytes))
        }
        return writer.bytes
    }

    /// Reads a packet; nil when it is none of these, whole and without a rest.
    public init?(encoded bytes: [UInt8]) {
        var reader = WireReader(bytes)
        let message: DoorMessage? =
            switch reader.number(UInt8.self) {
            case 1: .ready
            case 2: reader.number(UInt64.self).flatMap { number in reader.event().map { .event(number, $0) } }
            case 3: reader.number(UInt64.self).map { .recorded($0) }
            case 4: reader.resolver()
            case 5: reader.address().flatMap { address in reader.name().map { .named(address, $0) } }
            case 6: reader.text(most: Self.mostNameBytes).map { .unopened($0) }
            default: nil
            }
        guard let message, reader.isAtEnd else { return nil }
        self = message
    }
}

extension WireWriter {
    fileprivate mutating func add(_ endpoint: SocketEndpoint) {
        add(endpoint.address)
        add(endpoint.port)
    }

    fileprivate mutating func add(_ event: NetworkEvent) {
        add(event.kind.rawValue)
        add(event.door.rawValue)
        add(event.isDatagram ? 1 as UInt8 : 0)
        add(event.client)
        add(event.destination)
        add(text: event.host.prefix(DoorMessage.mostNameBytes))
        add(event.port)
        add(list: event.address.map { [$0] } ?? []) { $0.add($1) }
        add(text: event.serverName.prefix(DoorMessage.mostNameBytes))
        add(event.rule?.list.rawValue ?? 0)
        add(event.rule?.index ?? 0)
        add(event.reason?.rawValue ?? 0)
        add(event.protocolCheck?.rawValue ?? 0)
        add(list: event.questionType.map { [$0] } ?? []) { $0.add($1) }
        add(event.sent)
        add(event.received)
        add(event.milliseconds)
        add(UInt32(bitPattern: event.errno))
    }
}

extension WireReader {
    fileprivate mutating func resolver() -> DoorMessage? {
        guard let configuration = text(most: DoorSettings.mostResolverBytes),
            let hosts = text(most: DoorSettings.mostResolverBytes)
        else { return nil }
        return .resolver(configuration: configuration, hosts: hosts)
    }

    private mutating func endpoint() -> SocketEndpoint? {
        guard let address = address(), let port = number(UInt16.self) else { return nil }
        return SocketEndpoint(address, port)
    }

    /// A value that may be missing, as a list of at most one.
    private mutating func optional<Value>(_ read: (inout WireReader) -> Value?) -> Value?? {
        guard let values = list(read), values.count <= 1 else { return nil }
        return .some(values.first)
    }

    /// A word by its number; 0 is none.
    private mutating func word<Word: RawRepresentable>(_ type: Word.Type) -> Word??
    where Word.RawValue == UInt8 {
        guard let number = number(UInt8.self) else { return nil }
        let word = Word(rawValue: number)
        return number == 0 || word != nil ? .some(word) : nil
    }

    fileprivate mutating func event() -> NetworkEvent? {
        guard let kind = number(UInt8.self).flatMap(NetworkEvent.Kind.init(rawValue:)),
            let door = number(UInt8.self).flatMap(Door.init(rawValue:)),
            let isDatagram = number(UInt8.self), isDatagram <= 1,
            let client = endpoint(), let destination = endpoint(),
            let host = text(most: DoorMessage.mostNameBytes), let port = number(UInt16.self),
            let address = optional({ $0.address() }),
            let serverName = text(most: DoorMessage.mostNameBytes),
            let list = word(RuleReference.List.self), let index = number(UInt32.self),
            let reason = word(NetworkReason.self), let check = word(NetworkRule.ProtocolCheck.self),
            let questionType = optional({ $0.number(UInt16.self) }),
            let sent = number(UInt64.self), let received = number(UInt64.self),
            let milliseconds = number(UInt64.self), let errno = number(UInt32.self)
        else { return nil }
        var event = NetworkEvent(kind, door, client: client, destination: destination, port: port)
        event.isDatagram = isDatagram == 1
        event.host = host
        event.address = address
        event.serverName = serverName
        event.rule = list.map { RuleReference($0, Int(index)) }
        event.reason = reason
        event.protocolCheck = check
        event.questionType = questionType
        event.sent = sent
        event.received = received
        event.milliseconds = milliseconds
        event.errno = Int32(bitPattern: errno)
        return event
    }
}
