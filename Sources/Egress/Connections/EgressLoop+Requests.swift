internal import Linux
internal import Network

/// HTTP, request after request: at the explicit door, and where the rule is `http`.
extension EgressLoop {
    /// How many pieces are read before others have their turn.
    private static let piecesInTurn = 32

    /// Does what the requests and answers so far allow.
    func exchange(_ connection: Connection) {
        guard let exchange = connection.exchange else { return close(connection) }
        for _ in 0..<Self.piecesInTurn {
            while let action = exchange.http.next() {
                perform(action, connection, exchange)
                guard connection.stage == .exchanging, connection.exchange === exchange else { return }
            }
            guard flush(connection) else { return }
            let hasRead = readForExchange(connection, exchange)
            guard connection.stage == .exchanging else { return }
            guard hasRead else {
                setExchangeDeadline(connection, exchange)
                return watchClient(connection)
            }
        }
        guard !connection.isInTurn else { return }
        connection.isInTurn = true
        turns.append(connection.number)
    }

    private func perform(_ action: HTTPExchange.Action, _ connection: Connection, _ exchange: Exchange) {
        switch action {
        case .judge(let request): judge(request, connection, exchange)
        case .malformed(let what, let reason):
            if connection.door == .proxy, !connection.isTunnel {
                connection.permission = nil
                connection.requested = nil
            }
            denyRequest(connection, reason, answer: ProxyRefusal(malformed: what, reason))
        case .badGateway(let what):
            let endpoint = connection.endpoint
            closeServer(connection, error: .protocolError)
            exchange.http.refuse(ProxyRefusal(badAnswerOf: endpoint, what))
        case .toUpstream(let bytes): connection.up.append(bytes)
        case .toClient(let bytes): connection.down.append(bytes)
        case .tunnel(let early): beginTunnel(connection, early)
        case .relay:
            if connection.opening == nil { connection.opening = Opening() }
            connection.opening?.check = nil
            beginRelay(connection)
        case .closeUpstream: closeServer(connection, error: nil)
        case .close: beginLinger(connection)
        }
    }

    /// Decides about a request.
    private func judge(_ request: HTTPRequest, _ connection: Connection, _ exchange: Exchange) {
        let opening = connection.opening ?? Opening()
        connection.opening = opening
        opening.answer = .exchange
        if connection.door == .proxy, !connection.isTunnel {
            return judgeAtProxy(request, connection, exchange, opening)
        }
        // The name was decided about when the connection came; the request has to stay with it.
        guard let permission = connection.permission,
            request.endpoint == RequestedEndpoint(permission.host, permission.port)
        else {
            connection.serverName = Array(request.endpoint.description.utf8.prefix(DoorMessage.mostNameBytes))
            return denyRequest(connection, .authorityDiffers)
        }
        opening.check = nil
        guard connection.isConnected else { return open(connection) }
        guard connection.announced == nil else {
            opening.answer = .nothing
            return exchange.http.allow(onNewConnection: false)
        }
        connection.stage = .opening
        announceAllowed(connection)
    }

    private func judgeAtProxy(
        _ request: HTTPRequest, _ connection: Connection, _ exchange: Exchange, _ opening: Opening
    ) {
        connection.permission = nil
        connection.address = nil
        connection.requested = request.endpoint
        guard let host = host(of: request.endpoint.host) else {
            return denyRequest(connection, .staleName)
        }
        connection.requested = RequestedEndpoint(host, request.endpoint.port)
        switch decision.decide(host, port: request.endpoint.port) {
        case .denied(let reason, let rule): denyRequest(connection, reason, rule)
        case .allowed(let permission):
            // A request in the clear isn't what the rule expects there.
            connection.permission = permission
            if !request.isConnect, permission.check == .tls { return denyRequest(connection, .notTLS) }
            if connection.isConnected, connection.upstream == permission, !request.isConnect {
                opening.answer = .nothing
                return exchange.http.allow(onNewConnection: false)
            }
            closeServer(connection, error: nil)
            opening.isTunnelAsked = request.isConnect
            opening.check = request.isConnect && permission.check != .tcp ? permission.check : nil
            open(connection)
        }
    }

    /// From a CONNECT on the bytes are the program's own.
    private func beginTunnel(_ connection: Connection, _ early: [UInt8]) {
        guard let opening = connection.opening else { return close(connection) }
        opening.inbox = early
        opening.answer = .nothing
        opening.isTunnelAsked = false
        connection.isTunnel = true
        connection.exchange = nil
        connection.down.appendOwn(HTTPExchange.established)
        settle(connection)
    }

    /// Sends what is to be sent.
    ///
    /// - Returns: false when the connection broke and is closed.
    private func flush(_ connection: Connection) -> Bool {
        var nobody: Readiness = []
        if let server = connection.serverNumber, connection.isConnected, connection.up.backlog > 0 {
            let outcome = unsafe connection.up.pump(
                from: -1, &nobody, to: server, &connection.serverState, pool: &pipes, scratch: scratch)
            // What the server said before it left may be an answer; reading finds that out.
            if case .broken = outcome { connection.serverState.insert([.readable, .peerEnded]) }
        }
        let outcome = unsafe connection.down.pump(
            from: -1, &nobody, to: connection.client.number, &connection.clientState, pool: &pipes,
            scratch: scratch)
        guard case .broken(let error) = outcome else { return true }
        breakOff(connection, error)
        return false
    }

    /// Reads a piece from each side that the exchange wants something of and whose other side isn't behind.
    ///
    /// - Returns: whether there was something.
    private func readForExchange(_ connection: Connection, _ exchange: Exchange) -> Bool {
        var hasRead = false
        if exchange.http.wantsClient, connection.up.backlog == 0 {
            switch readClient(connection, atMost: limits.head) {
            case .nothing: break
            case .broken(let error):
                breakOff(connection, error)
                return true
            case .ended:
                exchange.http.clientEnded()
                hasRead = true
            case .bytes(let bytes):
                exchange.http.client(bytes)
                hasRead = true
            }
        }
        if exchange.http.wantsUpstream, connection.isConnected, connection.down.backlog == 0 {
            switch readServer(connection, atMost: Self.scratchSize) {
            case .nothing: break
            case .ended, .broken:
                exchange.http.upstreamEnded()
                hasRead = true
            case .bytes(let bytes):
                exchange.http.upstream(bytes)
                hasRead = true
            }
        }
        return hasRead
    }

    private func setExchangeDeadline(_ connection: Connection, _ exchange: Exchange) {
        guard exchange.http.isReadingHead else {
            connection.isHeadTimed = false
            return setDeadline(connection, after: limits.idleTime)
        }
        // From the first byte of a head on; a deadline that is running isn't moved by one byte more.
        if !connection.isHeadTimed {
            connection.isHeadTimed = true
            setDeadline(connection, after: limits.headTime)
        }
    }

    /// A request didn't come to its end, or nothing happened for long.
    func exchangeIsOver(_ connection: Connection) {
        guard let exchange = connection.exchange else { return close(connection) }
        guard exchange.http.isReadingHead else { return breakOff(connection, .timedOut) }
        if connection.door == .proxy, !connection.isTunnel { connection.permission = nil }
        let refusal = ProxyRefusal(denied: connection.endpoint, .tooSlow)
        deny(connection, .tooSlow, answer: .bytes(refusal.encoded(closes: true, hasBody: true)))
    }
}
