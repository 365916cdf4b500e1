public import Linux

/// Something that the door decided or saw, on its way to the log.
public struct NetworkEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// A connection is let through: told before the first byte is relayed.
        case allowed = 1
        /// A connection or request isn't let through: told before it is answered.
        case denied
        /// A question for a name isn't answered: told before the refusal is sent.
        case nameDenied
        /// A connection that was let through has ended.
        case closed
        /// A connection that was let through couldn't be made, or broke before anything came through.
        case failed
    }

    /// What happened.
    public var kind: Kind
    /// How it came.
    public var door: Door
    /// Whether it is UDP.
    public var isDatagram = false
    /// The program's own end.
    public var client: SocketEndpoint
    /// The end that the program chose.
    public var destination: SocketEndpoint
    /// The host that was asked for, canonical where it is one; at most 255 bytes.
    public var host: [UInt8] = []
    /// The port that was asked for.
    public var port: UInt16
    /// The address that was dialled or that decided against it.
    public var address: IPAddress?
    /// The server name of a ClientHello, or the authority of a request, when it came to that; at most 255 bytes.
    public var serverName: [UInt8] = []
    /// The number of the rule that decided, among those of `DoorSettings`; nil when none did.
    public var rule: RuleReference?
    /// Why not; nil when allowed.
    public var reason: NetworkReason?
    /// What the bytes were held to; nil where it didn't come to that.
    public var protocolCheck: NetworkRule.ProtocolCheck?
    /// The type of a DNS question (RFC 1035, 3.2.2).
    public var questionType: UInt16?
    /// Bytes from the program.
    public var sent: UInt64 = 0
    /// Bytes to the program.
    public var received: UInt64 = 0
    /// How long it took, in milliseconds.
    public var milliseconds: UInt64 = 0
    /// What the kernel or a server said; 0 without.
    public var errno: Int32 = 0

    /// Joins what every event has.
    public init(
        _ kind: Kind, _ door: Door, client: SocketEndpoint, destination: SocketEndpoint, port: UInt16
    ) {
        self.kind = kind
        self.door = door
        self.client = client
        self.destination = destination
        self.port = port
    }
}

/// A rule by its place in one of the lists of `DoorSettings`.
public struct RuleReference: Hashable, Sendable {
    /// Which list.
    public enum List: UInt8, Sendable {
        /// `allow`
        case allow = 1
        /// `deny`
        case deny
        /// `hosts`
        case hosts
        /// `loopback.connect`
        case loopback
    }

    /// Which list.
    public var list: List
    /// Which of it, from 0.
    public var index: UInt32

    /// Joins the two.
    public init(_ list: List, _ index: Int) {
        self.list = list
        self.index = UInt32(truncatingIfNeeded: index)
    }
}
