internal import Linux
internal import Network

/// What a program is told that isn't let through, after that was written down.
extension EgressLoop {
    /// Refuses a connection, or the request that it waits for an answer to.
    ///
    /// - Parameters:
    ///   - connection: which one.
    ///   - reason: why.
    ///   - rule: the line that decided, where that isn't the one of the permission.
    ///   - answer: how the program is told; nil is as it asked.
    func deny(
        _ connection: Connection, _ reason: NetworkReason, _ rule: RuleReference? = nil,
        answer: Opening.Refusal? = nil
    ) {
        var event = connection.event(.denied)
        if let rule { event.rule = rule }
        deny(connection, reason, event, answer ?? usualAnswer(connection, reason, event.rule))
    }

    /// Refuses a request; the connection may live on.
    func denyRequest(
        _ connection: Connection, _ reason: NetworkReason, _ rule: RuleReference? = nil,
        answer: ProxyRefusal? = nil
    ) {
        deny(connection, reason, rule, answer: .exchange(answer ?? refusal(connection, reason, rule)))
    }

    /// Refuses what isn't a host and a port, and is told as it came.
    func deny(
        _ connection: Connection, _ reason: NetworkReason, host: [UInt8], port: UInt16, answer: [UInt8]
    ) {
        var event = connection.event(.denied)
        event.host = Array(host.prefix(DoorMessage.mostNameBytes))
        event.port = port
        deny(connection, reason, event, answer.isEmpty ? .reset : .bytes(answer))
    }

    private func usualAnswer(
        _ connection: Connection, _ reason: NetworkReason, _ rule: RuleReference?
    ) -> Opening.Refusal {
        switch connection.opening?.answer {
        case .exchange: .exchange(refusal(connection, reason, rule))
        case .socks(let request): .bytes(request.answer(.denied))
        case .nothing, nil: connection.door == .loopback ? .reset : .inKind(refusal(connection, reason, rule))
        }
    }

    private func deny(
        _ connection: Connection, _ reason: NetworkReason, _ denied: NetworkEvent, _ answer: Opening.Refusal
    ) {
        let opening = connection.opening ?? Opening()
        connection.opening = opening
        opening.answer = .nothing
        opening.refusal = answer
        var event = denied
        event.reason = reason
        connection.stage = .refused
        connection.deadline = .max
        announceAndWait(event, connection)
        watchClient(connection)
    }

    private func refusal(
        _ connection: Connection, _ reason: NetworkReason, _ rule: RuleReference?
    ) -> ProxyRefusal {
        var origin: [UInt8]?
        if let rule, rule.list == .deny, denyOrigins.indices.contains(Int(rule.index)) {
            origin = denyOrigins[Int(rule.index)]
        }
        return ProxyRefusal(
            denied: connection.endpoint, reason, origin: origin.map { String(decoding: $0, as: UTF8.self) },
            address: connection.address)
    }

    /// Tells the program. The record is written.
    func refuse(_ connection: Connection) {
        guard let opening = connection.opening else { return close(connection) }
        switch opening.refusal {
        case .reset: reset(connection)
        case .bytes(let bytes):
            connection.down.appendOwn(bytes)
            beginLinger(connection)
        case .inKind:
            connection.stage = .probing
            setDeadline(connection, after: limits.probeTime)
            probe(connection)
        case .exchange(let refusal):
            opening.refusal = .reset
            connection.stage = .exchanging
            setDeadline(connection, after: limits.headTime)
            connection.exchange?.http.refuse(refusal)
            exchange(connection)
        }
    }

    /// Waits for bytes that tell in which language the program can be told; without any it is a reset.
    func probe(_ connection: Connection) {
        guard let opening = connection.opening, case .inKind(let refusal) = opening.refusal else {
            return close(connection)
        }
        while true {
            switch FirstBytes.classify(opening.inbox[...]) {
            case .undecided: break
            case .tls:
                let isName = refusal.reason == .serverNameMissing || refusal.reason == .serverNameDiffers
                connection.down.append((isName ? TLSAlert.unrecognizedName : .accessDenied).encoded)
                return beginLinger(connection)
            case .http:
                connection.down.append(refusal.encoded(closes: true, hasBody: true))
                return beginLinger(connection)
            case .other: return reset(connection)
            }
            switch readClient(connection, atMost: limits.head) {
            case .bytes(let bytes): opening.inbox += bytes
            case .nothing: return watchClient(connection)
            case .ended, .broken: return reset(connection)
            }
        }
    }

    /// Sends what there is to say, and reads away what still comes: unread bytes would turn the end into a reset, which
    /// could overtake the answer.
    func beginLinger(_ connection: Connection) {
        connection.stage = .lingering
        connection.down.limit = 0
        connection.down.endSource()
        closeServer(connection, error: nil)
        setDeadline(connection, after: limits.lingerTime)
        linger(connection)
    }

    /// Goes on with that.
    func linger(_ connection: Connection) {
        flushDown(connection)
        // What a program sends now is nothing to the door; a turn bounds how much it reads for it.
        for _ in 0..<16 {
            if connection.up.sourceEnded, connection.down.isEnded { return close(connection) }
            switch readClient(connection, atMost: Self.scratchSize) {
            case .bytes: continue
            case .nothing: return watchClient(connection)
            case .ended: connection.up.endSource()
            case .broken: return close(connection)
            }
        }
        close(connection)
    }
}
