internal import Linux
internal import Network

/// Who is let in, and to which door.
extension EgressLoop {
    /// Waits for connections or doesn't.
    func setListening(_ isListening: Bool) throws(Errno) {
        for number in listeners.numbers {
            if isListening {
                try queue.add(number, .readable, number: Source.listener | UInt64(number))
            } else {
                try queue.remove(number)
            }
        }
    }

    /// Lets nobody in until a moment, or until a connection ends.
    private func pause(until moment: Int64) {
        if pausedUntil == nil { try? setListening(false) }
        pausedUntil = moment
    }

    /// Lets connections in again.
    func resumeListening() {
        guard pausedUntil != nil else { return }
        pausedUntil = nil
        try? setListening(true)
    }

    /// Lets in who waits at a listener: a few at a time, so that those inside have their turn. Mostly it is one, and then
    /// the queue says as well that there is no other.
    func accept(_ listener: Int32) {
        for _ in 0..<(isBusy ? 16 : 1) {
            guard pausedUntil == nil else { return }
            guard connections.count < limits.connections, announcements.backlog < limits.announcements else {
                // A connection that ends lets the next in; the time is for the supervisor's backlog.
                return pause(until: now + limits.descriptorPause)
            }
            if let next = gate.next(now: now) { return pause(until: next) }
            var peer = SocketEndpoint(IPAddress(high: 0, low: 0), 0)
            do throws(Errno) {
                let client = try Streams.accept(listener, from: &peer)
                gate.take()
                admit(client, from: peer, at: listener)
            } catch {
                switch error {
                // Gone again, or taken.
                case .again, .connectionAborted, .interrupted, .protocolError: return
                // No descriptors or no memory: the listener stays readable, so asking at once would spin.
                default: return pause(until: now + limits.descriptorPause)
                }
            }
        }
    }

    /// Takes a connection in and finds out by which door it comes: where its maker wanted to go.
    private func admit(
        _ client: consuming FileDescriptor, from peer: SocketEndpoint, at listener: Int32
    ) {
        guard let destination = try? listeners.destination(of: client.number, from: listener) else { return }
        let isExplicit = destination.address.isLoopback && destination.port == NetworkListener.proxyPort
        let connection = Connection(
            number: connections.nextNumber(), client: client, clientEnd: peer, destination: destination,
            door: isExplicit ? .proxy : destination.address.isLoopback ? .loopback : .transparent,
            stage: isExplicit ? .greeting : .opening, now: now)
        connections.insert(connection)
        connection.opening = Opening()
        // Until the kernel says otherwise: an accepted socket has room, and often bytes.
        connection.clientState = [.readable, .writable]
        if isExplicit {
            setDeadline(connection, after: limits.headTime)
            readGreeting(connection)
        } else {
            beginTransparent(connection)
        }
    }

    /// Has the kernel tell what happens to the client's socket.
    func watchClient(_ connection: Connection) {
        guard !connection.clientState.contains(.isWatched) else { return }
        connection.clientState.insert(.isWatched)
        do throws(Errno) {
            try queue.add(
                connection.client.number, [.readable, .writable, .peerEnded, .edges],
                number: Source.client | connection.number)
        } catch {
            close(connection)
        }
    }

    /// Ends a connection and everything that was made for it.
    func close(_ connection: Connection) {
        guard connections[connection.number] === connection else { return }
        if connection.opening?.isResolving == true { resolver.cancel(ticket: connection.number) }
        connection.formerServer = connection.server.take()
        closeServer(connection, error: nil)
        connection.up.release(to: &pipes)
        connection.down.release(to: &pipes)
        if SyntheticAddresses.contains(connection.destination.address) {
            addresses.connectionClosed(to: connection.destination.address)
        }
        connections.remove(connection)
        ended.append(connection)
        if pausedUntil != nil, connections.count == limits.connections - 1 { resumeListening() }
    }

    /// Ends a connection so that the program sees a reset.
    func reset(_ connection: Connection) {
        Streams.resetOnClose(connection.client.number)
        close(connection)
    }
}
