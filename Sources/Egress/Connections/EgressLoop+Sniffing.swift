internal import Linux
internal import Network

/// What the first bytes of a program are held to before any of them leaves.
extension EgressLoop {
    /// Begins to look at the bytes in a tunnel that is connected already.
    func beginCheck(_ connection: Connection, _ check: NetworkRule.ProtocolCheck) {
        guard let opening = connection.opening else { return close(connection) }
        flushDown(connection)
        setDeadline(connection, after: check == .http ? limits.headTime : limits.helloTime)
        if check == .http {
            beginRequests(connection)
        } else {
            connection.stage = .sniffing
            guard !opening.inbox.isEmpty else { return sniff(connection) }
            beginHello(connection, opening)
        }
    }

    /// What the program sends are requests: each is judged, beginning with what it has sent so far.
    func beginRequests(_ connection: Connection) {
        guard let opening = connection.opening, let permission = connection.permission else {
            return close(connection)
        }
        let exchange = Exchange(HTTPExchange(.transparent(port: permission.port)))
        connection.exchange = exchange
        connection.stage = .exchanging
        opening.check = .http
        connection.up.limit = 0
        connection.down.limit = 0
        if !opening.inbox.isEmpty { exchange.http.client(opening.inbox) }
        opening.inbox = []
        self.exchange(connection)
    }

    /// Goes on with a connection that turns out to be TLS, after its first bytes.
    func beginHello(_ connection: Connection, _ opening: Opening) {
        opening.check = .tls
        connection.stage = .sniffing
        setDeadline(connection, after: limits.helloTime)
        if read(connection, opening.inbox, opening) { sniff(connection) }
    }

    /// Reads the ClientHello.
    func sniff(_ connection: Connection) {
        guard let opening = connection.opening else { return close(connection) }
        while true {
            switch readClient(connection, atMost: limits.head) {
            case .nothing: return watchClient(connection)
            case .broken: return abandon(connection)
            case .ended: return opening.inbox.isEmpty ? abandon(connection) : deny(connection, .notTLS)
            case .bytes(let bytes):
                opening.inbox += bytes
                guard read(connection, bytes, opening) else { return }
            }
        }
    }

    /// Whether more has to be read.
    private func read(_ connection: Connection, _ bytes: [UInt8], _ opening: Opening) -> Bool {
        switch opening.hello.read(bytes) {
        case .needMore: return true
        case .notTLS, .malformed: deny(connection, .notTLS)
        case .tooLarge: deny(connection, .tooLarge)
        case .hello(let hello): judge(connection, hello)
        }
        return false
    }

    /// Holds the server name to the name that the connection was allowed for.
    private func judge(_ connection: Connection, _ hello: ClientHello) {
        guard let permission = connection.permission, let opening = connection.opening else {
            return close(connection)
        }
        connection.serverName = Array((hello.serverName ?? []).prefix(DoorMessage.mostNameBytes))
        switch permission.host {
        case .name(let name):
            guard hello.serverName != nil else { return deny(connection, .serverNameMissing) }
            guard hello.name == name else { return deny(connection, .serverNameDiffers) }
        // A server name can't be a number (RFC 6066, 3), so a name here is another host's.
        case .address:
            guard hello.serverName == nil else { return deny(connection, .serverNameDiffers) }
        }
        opening.check = nil
        connection.stage = .opening
        guard connection.isConnected else { return open(connection) }
        // Written down before, where the rule left open what comes.
        guard connection.announced == nil else { return beginRelay(connection) }
        announceAllowed(connection)
    }

    /// The program left before it had said anything. Nothing of it went out, but a server may have been dialled.
    func abandon(_ connection: Connection) {
        if connection.isConnected, connection.announced == nil {
            var event = connection.event(.failed)
            event.errno = Errno.connectionReset.code
            announce(event)
        }
        close(connection)
    }
}
