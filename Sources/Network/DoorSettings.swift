public import Linux

/// Everything that the door is told when it is started.
public struct DoorSettings: Hashable, Sendable {
    /// A line of `network.hosts`.
    public struct FixedHost: Hashable, Sendable {
        /// The name.
        public var name: DomainName
        /// Its address.
        public var address: IPAddress

        /// Joins the two.
        public init(_ name: DomainName, _ address: IPAddress) {
            self.name = name
            self.address = address
        }
    }

    /// `network.allow`, in the order of the policy.
    public var allow: [NetworkRule] = []
    /// `network.deny`.
    public var deny: [NetworkDenial] = []
    /// Where each line of ``deny`` stands, for who is told of it; fewer than lines where that isn't known.
    public var denyOrigins: [[UInt8]] = []
    /// `network.hosts`.
    public var hosts: [FixedHost] = []
    /// `network.loopback.connect`.
    public var loopback: [UInt16] = []
    /// What the descriptors from ``firstListener`` on are.
    public var listeners: [NetworkListener] = []
    /// What the addresses of names are made from, the same for every session of a user.
    public var key: [UInt8] = []
    /// What resolv.conf(5) says on the host.
    public var resolver: [UInt8] = []
    /// What hosts(5) says on the host.
    public var hostsFile: [UInt8] = []

    /// How many connections there may be at once.
    public var connections: UInt32 = 512
    /// How many new ones in a second; who comes too fast waits.
    public var connectionsPerSecond: UInt32 = 64
    /// How many of them at once, after a pause.
    public var connectionBurst: UInt32 = 256

    /// Begins with nothing allowed.
    public init() {}

    /// The descriptor of the socket to the supervisor, in the door.
    public static let control: Int32 = 3
    /// The descriptor of the settings, in the door.
    public static let settings: Int32 = 4
    /// The descriptor of the memory of a `SharedProgress`, in the door: it is how far the supervisor has recorded events,
    /// by their numbers. Neither is harmed by what the other writes: the door, which holds the connections, could do by a
    /// wrong number only what it can do anyway, and the supervisor sends a packet too many.
    public static let progress: Int32 = 5
    /// The first descriptor of the listeners, in the door.
    public static let firstListener: Int32 = 6
    /// The most bytes of resolv.conf(5) and of hosts(5) that are handed over.
    public static let mostResolverBytes = 64 * 1024
    /// The most bytes of a place in a file; what is longer is left out.
    public static let mostOriginBytes = 1024
    /// The size of the key.
    public static let keySize = 32

    private static let magic: UInt32 = 0x3157_4544  // "DEW1"
}

extension DoorSettings {
    /// The settings as bytes.
    public var encoded: [UInt8] {
        var writer = WireWriter()
        writer.add(Self.magic)
        writer.add(list: allow) { writer, rule in
            writer.add(rule.target)
            writer.add(list: rule.ports) { $0.add($1) }
            writer.add(rule.protocolCheck?.rawValue ?? 0)
            writer.add(rule.allowsPrivate ? 1 as UInt8 : 0)
        }
        writer.add(list: deny) { writer, denial in
            writer.add(denial.target)
            writer.add(denial.port ?? 0)
        }
        writer.add(list: hosts) { writer, host in
            writer.add(text: host.name.text.utf8)
            writer.add(host.address)
        }
        writer.add(list: loopback) { $0.add($1) }
        writer.add(list: listeners) { writer, listener in
            writer.add(listener.kind.rawValue)
            writer.add(listener.port)
        }
        writer.add(text: key)
        writer.add(text: resolver)
        writer.add(text: hostsFile)
        writer.add(connections)
        writer.add(connectionsPerSecond)
        writer.add(connectionBurst)
        writer.add(list: denyOrigins) { $0.add(text: $1.count <= Self.mostOriginBytes ? $1 : []) }
        return writer.bytes
    }

    /// Reads them; nil when they aren't settings of this version, whole and without a rest.
    public init?(encoded bytes: [UInt8]) {
        var reader = WireReader(bytes)
        guard reader.number(UInt32.self) == Self.magic,
            let allow = reader.list({ $0.rule() }), let deny = reader.list({ $0.denial() }),
            let hosts = reader.list({ $0.fixedHost() }),
            let loopback = reader.list({ $0.number(UInt16.self) }),
            let listeners = reader.list({ $0.listener() }), let key = reader.text(most: Self.keySize),
            let resolver = reader.text(most: Self.mostResolverBytes),
            let hostsFile = reader.text(most: Self.mostResolverBytes),
            let connections = reader.number(UInt32.self), connections > 0,
            let connectionsPerSecond = reader.number(UInt32.self), connectionsPerSecond > 0,
            let connectionBurst = reader.number(UInt32.self), connectionBurst > 0,
            let denyOrigins = reader.list({ $0.text(most: Self.mostOriginBytes) }), reader.isAtEnd
        else { return nil }
        self.allow = allow
        self.deny = deny
        self.denyOrigins = denyOrigins
        self.hosts = hosts
        self.loopback = loopback
        self.listeners = listeners
        self.key = key
        self.resolver = resolver
        self.hostsFile = hostsFile
        self.connections = connections
        self.connectionsPerSecond = connectionsPerSecond
        self.connectionBurst = connectionBurst
    }
}

extension WireWriter {
    /// Adds a list with its length before it.
    mutating func add<Element>(list: [Element], _ add: (inout WireWriter, Element) -> Void) {
        self.add(UInt32(list.count))
        for element in list { add(&self, element) }
    }

    /// Adds an address.
    mutating func add(_ address: IPAddress) {
        add(address.high)
        add(address.low)
    }

    /// Adds whom a rule names.
    mutating func add(_ target: NetworkRule.Target) {
        switch target {
        case .exact(let name):
            add(1 as UInt8)
            add(text: name.text.utf8)
        case .below(let name):
            add(2 as UInt8)
            add(text: name.text.utf8)
        case .address(let address):
            add(3 as UInt8)
            add(address)
        }
    }
}

extension WireReader {
    /// The next list. Each element takes a byte at least, so a length that can't be makes no room for itself.
    mutating func list<Element>(_ read: (inout WireReader) -> Element?) -> [Element]? {
        guard let length = number(UInt32.self), Int(length) <= count else { return nil }
        var list: [Element] = []
        for _ in 0..<length {
            guard let element = read(&self) else { return nil }
            list.append(element)
        }
        return list
    }

    /// The next address.
    mutating func address() -> IPAddress? {
        guard let high = number(UInt64.self), let low = number(UInt64.self) else { return nil }
        return IPAddress(high: high, low: low)
    }

    /// The next name.
    mutating func name() -> DomainName? { text(most: DomainName.most).flatMap { DomainName($0) } }

    private mutating func target() -> NetworkRule.Target? {
        switch number(UInt8.self) {
        case 1: name().map { .exact($0) }
        case 2: name().map { .below($0) }
        case 3: address().map { .address($0) }
        default: nil
        }
    }

    fileprivate mutating func rule() -> NetworkRule? {
        guard let target = target(), let ports = list({ $0.number(UInt16.self) }), !ports.isEmpty,
            let check = number(UInt8.self), let allowsPrivate = number(UInt8.self), allowsPrivate <= 1
        else { return nil }
        let protocolCheck = NetworkRule.ProtocolCheck(rawValue: check)
        guard check == 0 || protocolCheck != nil else { return nil }
        return NetworkRule(
            target, ports: ports, protocolCheck: protocolCheck, allowsPrivate: allowsPrivate == 1)
    }

    fileprivate mutating func denial() -> NetworkDenial? {
        guard let target = target(), let port = number(UInt16.self) else { return nil }
        return NetworkDenial(target, port: port == 0 ? nil : port)
    }

    fileprivate mutating func fixedHost() -> DoorSettings.FixedHost? {
        guard let name = name(), let address = address() else { return nil }
        return DoorSettings.FixedHost(name, address)
    }

    fileprivate mutating func listener() -> NetworkListener? {
        guard let kind = number(UInt8.self).flatMap(NetworkListener.Kind.init(rawValue:)),
            let port = number(UInt16.self)
        else { return nil }
        return NetworkListener(kind, port)
    }
}
