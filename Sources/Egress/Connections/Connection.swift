internal import Linux
internal import Network

/// A connection of a program of the sandbox, and what was made for it outside.
final class Connection {
    /// How far it has come.
    enum Stage: UInt8 {
        /// At the explicit door, before it is known whether this is SOCKS or HTTP, and in the midst of SOCKS.
        case greeting
        /// The first bytes have to be seen before anything of them leaves.
        case sniffing
        /// Being resolved, dialled or written down.
        case opening
        /// HTTP, request after request.
        case exchanging
        /// Bytes move.
        case relaying
        /// Refused; the record isn't written yet.
        case refused
        /// Refused, and waiting for bytes that tell how the program can be told.
        case probing
        /// What there was to say is being sent and read away.
        case lingering
    }

    let number: UInt64
    let client: FileDescriptor
    let clientEnd: SocketEndpoint
    let destination: SocketEndpoint
    let began: Int64
    var door: Door
    var stage: Stage
    /// When it is looked after without anything having happened.
    var deadline: Int64 = .max

    var server: FileDescriptor?
    /// The server's socket of a connection that has ended, until it is closed with the client's.
    var formerServer: FileDescriptor?
    var clientState: Readiness = []
    var serverState: Readiness = []
    /// From the program to the outside, and back.
    var up = Flow()
    var down = Flow()

    /// What is there until it relays.
    var opening: Opening?
    /// The requests, where it is HTTP.
    var exchange: Exchange?
    /// Whom it asked for, where that is a host.
    var requested: RequestedEndpoint?
    /// What was decided.
    var permission: NetworkPermission?
    /// The address that was dialled last.
    var address: IPAddress?
    /// The server name or authority that was seen.
    var serverName: [UInt8] = []
    /// What was told when the connection to the server was let through: its end is told as well, as the same.
    var announced: NetworkEvent?
    /// When that was.
    var announcedAt: Int64 = 0
    /// What the connection to the server was made for.
    var upstream: NetworkPermission?
    /// The server is connected.
    var isConnected = false
    /// It is on the list of those that go on after the others.
    var isInTurn = false
    /// The bytes of a CONNECT, which are judged as they would be without a proxy.
    var isTunnel = false
    /// The time of a request head is running.
    var isHeadTimed = false

    init(
        number: UInt64, client: consuming FileDescriptor, clientEnd: SocketEndpoint,
        destination: SocketEndpoint, door: Door, stage: Stage, now: Int64
    ) {
        self.number = number
        self.client = client
        self.clientEnd = clientEnd
        self.destination = destination
        self.door = door
        self.stage = stage
        began = now
    }

    /// Whom it asked for, or where it went.
    var endpoint: RequestedEndpoint {
        requested ?? RequestedEndpoint(.address(destination.address), destination.port)
    }

    /// The server's socket; nil without one.
    var serverNumber: Int32? { server?.number }

    /// An event about it, with what is known so far.
    func event(_ kind: NetworkEvent.Kind) -> NetworkEvent {
        var event = NetworkEvent(
            kind, door, client: clientEnd, destination: destination, port: requested?.port ?? destination.port
        )
        if let requested { event.host = Array(requested.host.description.utf8) }
        if let permission {
            event.rule = permission.rule
            event.protocolCheck = permission.check
        }
        event.address = address
        event.serverName = serverName
        return event
    }
}

/// Holds an exchange where it is, so that a connection without one has room for a pointer only.
final class Exchange {
    var http: HTTPExchange
    /// The request that is being decided or opened.
    var request: HTTPRequest?

    init(_ http: HTTPExchange) {
        self.http = http
    }
}
