internal import Linux
internal import Network

/// The explicit door: SOCKS or HTTP, as the first byte says.
extension EgressLoop {
    /// Reads until it is known what a program wants of the proxy.
    func readGreeting(_ connection: Connection) {
        guard let opening = connection.opening else { return close(connection) }
        while true {
            switch readClient(connection, atMost: limits.head) {
            case .nothing: return watchClient(connection)
            case .ended, .broken: return close(connection)
            case .bytes(let bytes):
                guard greet(connection, bytes, opening) else { return }
            }
        }
    }

    /// Whether more has to be read.
    private func greet(_ connection: Connection, _ bytes: [UInt8], _ opening: Opening) -> Bool {
        if connection.door == .proxy, !SocksReader.begins(with: bytes[0]) {
            let exchange = Exchange(HTTPExchange(.proxy))
            connection.exchange = exchange
            connection.stage = .exchanging
            exchange.http.client(bytes)
            self.exchange(connection)
            return false
        }
        connection.door = .socks
        switch opening.socks.read(bytes) {
        case .needMore: return true
        case .answer(let answer):
            connection.down.appendOwn(answer)
            flushDown(connection)
            return greet(connection, [], opening)
        case .request(let request): begin(connection, request)
        case .rejected(let answer, let reason, let host, let port):
            deny(connection, reason, host: host, port: port, answer: answer)
        }
        return false
    }

    /// The first request didn't come to its end, or not at all.
    func greetingIsOver(_ connection: Connection) {
        guard connection.door == .socks else { return close(connection) }
        deny(connection, .tooSlow, answer: .reset)
    }

    /// Decides about a SOCKS request.
    private func begin(_ connection: Connection, _ request: SocksRequest) {
        guard let opening = connection.opening else { return close(connection) }
        opening.inbox = opening.socks.unread
        opening.answer = .socks(request)
        connection.requested = request.endpoint
        guard let host = host(of: request.endpoint.host) else { return deny(connection, .staleName) }
        connection.requested = RequestedEndpoint(host, request.endpoint.port)
        switch decision.decide(host, port: request.endpoint.port) {
        case .denied(let reason, let rule): deny(connection, reason, rule)
        case .allowed(let permission):
            connection.permission = permission
            opening.check = permission.check == .tcp ? nil : permission.check
            open(connection)
        }
    }

    /// What reading once gave.
    enum Reading {
        case bytes([UInt8])
        /// Nothing now.
        case nothing
        /// The other side sends nothing more.
        case ended
        /// It was reset.
        case broken(Errno)
    }

    /// Reads what the program has sent.
    func readClient(_ connection: Connection, atMost most: Int) -> Reading {
        read(connection.client.number, &connection.clientState, atMost: most)
    }

    /// Reads what the server has sent.
    func readServer(_ connection: Connection, atMost most: Int) -> Reading {
        guard let server = connection.serverNumber else { return .nothing }
        return read(server, &connection.serverState, atMost: most)
    }

    private func read(_ socket: Int32, _ state: inout Readiness, atMost most: Int) -> Reading {
        guard state.contains(.readable), most > 0 else { return .nothing }
        do throws(Errno) {
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(most, scratch.count)])
            let count = try unsafe Streams.receive(socket, into: room)
            if count < room.count, !state.contains(.peerEnded) { state.remove(.readable) }
            guard count > 0 else {
                state.remove(.readable)
                return .ended
            }
            return unsafe .bytes(Array(room[..<count]))
        } catch .again {
            state.remove(.readable)
            return .nothing
        } catch {
            return .broken(error)
        }
    }
}
