internal import Linux
internal import Network

/// From a permission to a connection: resolve, judge, dial, and have it written down meanwhile.
extension EgressLoop {
    /// Begins to make the connection that a permission allows.
    func open(_ connection: Connection) {
        guard let permission = connection.permission, let opening = connection.opening else {
            return close(connection)
        }
        connection.stage = .opening
        opening.connectBy = now + limits.connectTime
        opening.error = .timedOut
        setDeadline(connection, after: limits.connectTime)
        switch permission.reach {
        case .fixed(let address):
            opening.candidates = [address]
            dial(connection)
        case .resolve:
            guard let name = permission.permittedName else { return fail(connection, .hostUnreachable) }
            if let answer = resolver.resolve(name, ticket: connection.number, now: now) {
                resolved(connection, answer)
            } else {
                opening.isResolving = true
                watchClient(connection)
            }
        }
    }

    /// Goes on when it is known what addresses a name has.
    func resolved(_ connection: Connection, _ answer: ResolverAnswer) {
        guard let permission = connection.permission, let opening = connection.opening else {
            return close(connection)
        }
        switch answer {
        case .addresses(let found):
            switch decision.judge(found, for: permission, isOwn: Self.isOwn) {
            case .dial(let addresses):
                opening.candidates = addresses.prefix(limits.attempts)
                opening.error = .hostUnreachable
                dial(connection)
            case .denied(let reason, let address, let rule):
                connection.address = address
                deny(connection, reason, rule)
            }
        case .notFound: fail(connection, .hostUnreachable, "no such name")
        case .noAddress: fail(connection, .hostUnreachable, "the name has no address")
        case .failed(let failure):
            fail(connection, failure == .timedOut ? .timedOut : .hostUnreachable, failure.sentence)
        }
    }

    /// Whether an address is one of the host's: then the way to it begins there. No packet leaves.
    private static func isOwn(_ address: IPAddress) -> Bool {
        guard let socket = try? Datagrams.socket(towards: address),
            (try? Datagrams.connect(socket.number, to: SocketEndpoint(address, 9))) != nil,
            let near = try? Streams.name(of: socket.number)
        else { return false }
        return near.address == address
    }

    /// Dials the next address, and has it written down where nothing else has to be seen before.
    private func dial(_ connection: Connection) {
        guard let permission = connection.permission, let opening = connection.opening else {
            return close(connection)
        }
        while let address = opening.candidates.popFirst() {
            connection.address = address
            if opening.check == nil || opening.check == .auto { announceAllowed(connection) }
            do throws(Errno) {
                let server = try Streams.socket(towards: address)
                try Streams.setNoDelay(server.number)
                let isConnected = try Streams.connect(
                    server.number, to: SocketEndpoint(address, permission.port))
                try queue.add(
                    server.number, [.readable, .writable, .peerEnded, .edges],
                    number: Source.server | connection.number)
                connection.server = consume server
                connection.upstream = permission
                connection.serverState = isConnected ? [.isWatched, .writable] : .isWatched
                connection.isConnected = isConnected
                if isConnected { return advance(connection) }
                let rest = opening.connectBy - now
                setDeadline(
                    connection, after: opening.candidates.isEmpty ? rest : min(limits.attemptTime, rest))
                return watchClient(connection)
            } catch {
                opening.error = error
            }
        }
        fail(connection, opening.error)
    }

    /// Has it written down that bytes may go to the server that is dialled, or connected.
    func announceAllowed(_ connection: Connection) {
        guard connection.announced?.address != connection.address else { return }
        let event = connection.event(.allowed)
        connection.announced = event
        connection.announcedAt = now
        announceAndWait(event, connection)
    }

    /// A connection to a server is made, or isn't.
    func finishConnect(_ connection: Connection) {
        guard let server = connection.serverNumber else { return }
        if let error = Streams.pendingError(of: server) {
            connection.server = nil
            connection.opening?.error = error
            return dial(connection)
        }
        guard connection.serverState.contains(.writable) else { return }
        connection.isConnected = true
        advance(connection)
    }

    /// An address took too long.
    func attemptIsOver(_ connection: Connection) {
        guard let opening = connection.opening else { return close(connection) }
        // The time of the record is the supervisor's.
        guard !connection.isConnected else { return }
        connection.server = nil
        opening.error = .timedOut
        guard now < opening.connectBy, !opening.isResolving else { return fail(connection, .timedOut) }
        dial(connection)
    }

    /// Goes on as soon as the server is connected and what has to be written down is.
    ///
    /// That a tunnel is made the program is told without waiting for the record: it is said by the door, and while the
    /// program makes up its first bytes the record gets written.
    func advance(_ connection: Connection) {
        guard let opening = connection.opening, connection.isConnected, connection.stage == .opening else {
            return
        }
        switch opening.answer {
        case .exchange:
            guard opening.awaited == 0 || opening.isTunnelAsked else { return }
            opening.answer = .nothing
            connection.stage = .exchanging
            connection.exchange?.http.allow(onNewConnection: true)
            return exchange(connection)
        case .socks(let request):
            opening.answer = .nothing
            connection.down.appendOwn(request.answer(.granted))
        case .nothing: break
        }
        settle(connection)
    }

    /// Goes on with a tunnel that the program knows of. No byte moves before the record is written.
    func settle(_ connection: Connection) {
        guard let opening = connection.opening else { return close(connection) }
        guard opening.awaited == 0 else {
            connection.stage = .opening
            flushDown(connection)
            return watchClient(connection)
        }
        setDeadline(connection, after: limits.idleTime)
        if let check = opening.check, check != .auto {
            beginCheck(connection, check)
        } else {
            beginRelay(connection)
        }
    }

    /// The connection that was let through can't be made.
    ///
    /// - Parameters:
    ///   - connection: which one.
    ///   - error: what the kernel said, or might have.
    ///   - cause: what it was, where the error says too little.
    func fail(_ connection: Connection, _ error: Errno, _ cause: String? = nil) {
        var event = connection.event(.failed)
        event.errno = error.code
        event.milliseconds = UInt64(max(0, now - connection.began)) / 1_000_000
        announce(event)
        if connection.opening?.isResolving == true {
            connection.opening?.isResolving = false
            resolver.cancel(ticket: connection.number)
        }
        connection.announced = nil
        closeServer(connection, error: nil)
        let isSlow = error == .timedOut
        switch connection.opening?.answer {
        case .exchange:
            let refusal = ProxyRefusal(
                unreachable: connection.endpoint, cause: cause ?? error.description, isTimeout: isSlow)
            connection.stage = .exchanging
            connection.exchange?.http.refuse(refusal)
            exchange(connection)
        case .socks(let request):
            let outcome: SocksRequest.Outcome =
                error == .connectionRefused ? .refused : isSlow ? .timedOut : .hostUnreachable
            connection.down.appendOwn(request.answer(outcome))
            beginLinger(connection)
        case .nothing, nil: reset(connection)
        }
    }
}
