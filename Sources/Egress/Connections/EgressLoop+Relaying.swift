internal import Linux
internal import Network

/// Bytes in both directions.
extension EgressLoop {
    /// Lets the bytes through, beginning with those that were held back.
    func beginRelay(_ connection: Connection) {
        guard let opening = connection.opening else { return close(connection) }
        connection.stage = .relaying
        connection.down.limit = .max
        connection.exchange = nil
        if opening.check == .auto {
            connection.up.limit = 0
            if !opening.inbox.isEmpty { setDeadline(connection, after: limits.helloTime) }
        } else {
            connection.up.append(opening.inbox)
            connection.up.limit = .max
            connection.opening = nil
        }
        setIdleDeadline(connection)
        relay(connection)
    }

    /// Moves what there is.
    func relay(_ connection: Connection) {
        if connection.opening?.check == .auto {
            guard sniffAny(connection) else { return }
        }
        guard let isUpAgain = pumpUp(connection), let isDownAgain = pumpDown(connection) else { return }
        if connection.up.isEnded, connection.down.isEnded { return close(connection) }
        if isUpAgain || isDownAgain, !connection.isInTurn {
            connection.isInTurn = true
            turns.append(connection.number)
        }
        setIdleDeadline(connection)
        watchClient(connection)
    }

    /// Moves bytes from the program to the server.
    ///
    /// - Returns: whether there is more to do; nil when the connection broke and is closed.
    private func pumpUp(_ connection: Connection) -> Bool? {
        guard let server = connection.serverNumber else { return false }
        let outcome = unsafe connection.up.pump(
            from: connection.client.number, &connection.clientState, to: server, &connection.serverState,
            pool: &pipes, scratch: scratch, isLast: connection.down.isEnded)
        // A server that takes nothing more may have said why.
        if case .broken(.brokenPipe) = outcome {
            connection.serverState.insert(.readable)
            _ = pumpDown(connection)
        }
        return take(outcome, connection)
    }

    /// Moves bytes from the server to the program.
    private func pumpDown(_ connection: Connection) -> Bool? {
        guard let server = connection.serverNumber else { return false }
        let outcome = unsafe connection.down.pump(
            from: server, &connection.serverState, to: connection.client.number, &connection.clientState,
            pool: &pipes, scratch: scratch, isLast: connection.up.isEnded)
        return take(outcome, connection)
    }

    private func take(_ outcome: Flow.Outcome, _ connection: Connection) -> Bool? {
        switch outcome {
        case .waiting, .ended: return false
        case .again: return true
        case .broken(let error):
            breakOff(connection, error)
            return nil
        }
    }

    /// One side was reset, so the other is.
    func breakOff(_ connection: Connection, _ error: Errno) {
        if let server = connection.serverNumber { Streams.resetOnClose(server) }
        closeServer(connection, error: error)
        reset(connection)
    }

    /// Sends what the door itself has to say to the program, and nothing else.
    func flushDown(_ connection: Connection) {
        var nobody: Readiness = []
        _ = unsafe connection.down.pump(
            from: -1, &nobody, to: connection.client.number, &connection.clientState, pool: &pipes,
            scratch: scratch)
    }

    /// Ends the connection to the server and tells of it.
    func closeServer(_ connection: Connection, error: Errno?) {
        if var event = connection.announced {
            event.kind = .closed
            event.serverName = connection.serverName
            event.sent = connection.up.relayed
            event.received = connection.down.relayed
            event.milliseconds = UInt64(max(0, now - connection.announcedAt)) / 1_000_000
            event.errno = error?.code ?? 0
            announce(event)
        }
        connection.up.drop(giveBackTo: &pipes)
        connection.up.restart()
        connection.down.restart()
        connection.announced = nil
        connection.isConnected = false
        connection.upstream = nil
        connection.server = nil
        connection.serverState = []
    }

    /// Lets a connection stay as long as something happens in it. The deadline is only moved, never looked for.
    private func setIdleDeadline(_ connection: Connection) {
        if connection.opening?.check == .auto, !(connection.opening?.inbox.isEmpty ?? true) { return }
        let isHalfClosed = connection.up.isEnded || connection.down.isEnded
        setDeadline(connection, after: isHalfClosed ? limits.halfClosedTime : limits.idleTime)
    }

    /// Nothing has happened for too long.
    func idleIsOver(_ connection: Connection) {
        if connection.opening?.check == .auto, !(connection.opening?.inbox.isEmpty ?? true) {
            return deny(connection, .tooSlow)
        }
        breakOff(connection, .timedOut)
    }

    /// Looks at the first bytes of a program where the rule leaves open what they are; the server's are relayed
    /// meanwhile.
    ///
    /// - Returns: whether the connection goes on relaying.
    private func sniffAny(_ connection: Connection) -> Bool {
        guard let opening = connection.opening else { return true }
        while true {
            switch FirstBytes.classify(opening.inbox[...]) {
            case .undecided: break
            case .tls:
                beginHello(connection, opening)
                return false
            case .http:
                beginRequests(connection)
                return false
            case .other:
                letThrough(connection, opening)
                return true
            }
            switch readClient(connection, atMost: limits.head) {
            case .nothing: return true
            case .broken(let error):
                breakOff(connection, error)
                return false
            case .ended:
                // What there was is no beginning of anything.
                connection.up.endSource()
                letThrough(connection, opening)
                return true
            case .bytes(let bytes):
                if opening.inbox.isEmpty { setDeadline(connection, after: limits.helloTime) }
                opening.inbox += bytes
            }
        }
    }

    private func letThrough(_ connection: Connection, _ opening: Opening) {
        connection.up.append(opening.inbox)
        connection.up.limit = .max
        connection.opening = nil
    }
}
