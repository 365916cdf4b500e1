/// A socket that is made in the sandbox's network namespace and handed out.
public struct NetworkListener: Hashable, Sendable {
    /// What arrives there.
    public enum Kind: UInt8, Hashable, Sendable {
        /// TCP connections to this port of any address, IPv4 and IPv6.
        case stream = 1
        /// TCP connections to this port of 127.0.0.1 alone.
        case loopbackStream
        /// UDP datagrams to this port of any address, with their destination (IPV6_RECVPKTINFO).
        case datagram
    }

    /// What arrives there.
    public var kind: Kind
    /// The port.
    public var port: UInt16

    /// Joins the two.
    public init(_ kind: Kind, _ port: UInt16) {
        self.kind = kind
        self.port = port
    }

    /// The port of the explicit proxy, on 127.0.0.1.
    public static let proxyPort: UInt16 = 3128
    /// The port of name servers.
    public static let namePort: UInt16 = 53
    /// The most listeners of a session: they are handed over in one message (SCM_MAX_FD of unix(7) is 253).
    public static let most = 200
    /// How many of them every session has, whatever its policy names.
    public static let own = 3
}
