public import Network

/// The network's part of a policy. Nothing listed: no network.
public struct NetworkPolicy: Sendable {
    /// Who can be reached, in the order written.
    public var allow: [Sourced<NetworkRule>] = []
    /// Who can't be reached although a rule allows it.
    public var deny: [Sourced<NetworkDenial>] = []
    /// The address of a name, and the permission to use it.
    public var hosts: [Sourced<DoorSettings.FixedHost>] = []
    /// Ports of the host's loopback that can be reached at the sandbox's own.
    public var loopback: [Sourced<UInt16>] = []
    /// Sockets of the host that can be connected to.
    public var unixSockets: [UnixSocketGrant] = []
    /// The list of a repository's file that `allow` was intersected with; nil without one.
    public var narrowing: Origin?

    /// Begins with nothing allowed.
    public init() {}

    /// What is made in the sandbox's network namespace and handed to the door: questions for names, the explicit
    /// proxy, and every port that a rule names.
    public var listeners: [NetworkListener] {
        let named = allow.flatMap(\.value.ports) + loopback.map(\.value)
        let ports = Set(named).subtracting([NetworkListener.namePort, NetworkListener.proxyPort]).sorted()
        // One socket for a port: a rule's own use of the proxy's port covers the proxy as well.
        let proxy: NetworkListener.Kind =
            named.contains(NetworkListener.proxyPort) ? .stream : .loopbackStream
        return [
            NetworkListener(.datagram, NetworkListener.namePort),
            NetworkListener(.stream, NetworkListener.namePort),
            NetworkListener(proxy, NetworkListener.proxyPort),
        ] + ports.map { NetworkListener(.stream, $0) }
    }

    /// What the door is told, but for the key and the resolver's files.
    public var settings: DoorSettings {
        var settings = DoorSettings()
        settings.allow = allow.map(\.value)
        settings.deny = deny.map(\.value)
        settings.denyOrigins = deny.map { Array("\($0.origin)".utf8) }
        settings.hosts = hosts.map(\.value)
        settings.loopback = loopback.map(\.value)
        settings.listeners = listeners
        return settings
    }

    /// The line behind a decision of the door.
    public func origin(of rule: RuleReference) -> Origin? {
        let index = Int(rule.index)
        func element<Value>(_ list: [Sourced<Value>]) -> Origin? {
            list.indices.contains(index) ? list[index].origin : nil
        }
        return switch rule.list {
        case .allow: element(allow)
        case .deny: element(deny)
        case .hosts: element(hosts)
        case .loopback: element(loopback)
        }
    }
}

/// One line of `network.unix`.
public struct UnixSocketGrant: Sendable {
    /// Where the socket is.
    public var pattern: PathPattern
    /// Whether the line says that whoever reaches this socket is as good as root
    /// (`i-understand-this-is-root: true`).
    public var isUnderstoodAsRoot: Bool
    /// The line.
    public var origin: Origin

    /// The key of a profile by which a line says so.
    public static let understanding = "i-understand-this-is-root"

    /// Joins the parts.
    public init(pattern: PathPattern, isUnderstoodAsRoot: Bool, origin: Origin) {
        self.pattern = pattern
        self.isUnderstoodAsRoot = isUnderstoodAsRoot
        self.origin = origin
    }
}
