internal import Linux
internal import Network

/// What the supervisor says, and what waits for it.
extension EgressLoop {
    /// Reads what the supervisor sent. Its end ends the door: nobody would write down what is let through.
    func readControl() {
        announcements.flush()
        // One: confirmations are cumulative, and when there is another the queue says so again.
        switch unsafe announcements.receive(controlScratch) {
        case .recorded(let number): announcements.confirm(number)
        case .resolver(let configuration, let hosts):
            resolver.configure(resolver: configuration, hosts: hosts)
        case .ready, .event, .named, .unopened, nil: break
        }
        watchControl()
    }

    /// Goes on with what waited for a record that is written now.
    func takeRecords() {
        announcements.look()
        names?.recorded(upTo: announcements.recorded)
        while let (event, number) = waiting.take(upTo: announcements.recorded) {
            guard let connection = awaiting(event, number) else { continue }
            connection.opening?.awaited = 0
            recorded(connection)
        }
    }

    /// Has the supervisor tell when the first record is written without which something can't go on.
    func askForRecords() {
        while !announcements.ask(for: nextAwaited) { takeRecords() }
    }

    private var nextAwaited: UInt64? {
        let held = waiting.first { event, number in awaiting(event, number).map(isHeldUp) ?? false }
        guard let asked = names?.awaited ?? nil else { return held }
        return min(asked, held ?? asked)
    }

    /// The connection that waits for an event's record; nil when it is gone, or waits for another.
    private func awaiting(_ event: UInt64, _ number: UInt64) -> Connection? {
        guard let connection = connections[number], connection.opening?.awaited == event else { return nil }
        return connection
    }

    /// Whether a connection would go on if its record were written. One that was made, and on which nobody has sent
    /// anything yet, wouldn't: when somebody does, it is looked at anyway.
    private func isHeldUp(_ connection: Connection) -> Bool {
        guard connection.stage == .opening, let opening = connection.opening else { return true }
        guard connection.isConnected else { return false }
        guard case .nothing = opening.answer, opening.inbox.isEmpty, connection.up.backlog == 0 else {
            return true
        }
        return connection.clientState.contains(.readable) || connection.serverState.contains(.readable)
    }

    /// What a connection waited for is written down.
    private func recorded(_ connection: Connection) {
        switch connection.stage {
        case .refused: refuse(connection)
        default: advance(connection)
        }
    }

    /// Tells of an event, and has the connection wait for its record.
    func announceAndWait(_ event: NetworkEvent, _ connection: Connection) {
        let number = announcements.announce(event)
        let opening = connection.opening ?? Opening()
        connection.opening = opening
        opening.awaited = number
        waiting.append(event: number, connection: connection.number)
        watchControl()
    }

    /// Tells of an event for which nothing waits: with the next such ones, so that the supervisor, for which others
    /// wait, isn't woken for each.
    func announce(_ event: NetworkEvent) {
        if late.isEmpty { lateUntil = now + limits.lateTime }
        late.append(event)
        if late.count >= limits.lateEvents { announceLate() }
    }

    /// Tells of the events that were put off.
    func announceLate() {
        for event in late { _ = announcements.announce(event) }
        late.removeAll(keepingCapacity: true)
        lateUntil = .max
        watchControl()
    }

    /// Waits for room at the control socket only while packets are left over.
    private func watchControl() {
        let isBlocked = announcements.backlog > 0
        guard isBlocked != isControlBlocked else { return }
        isControlBlocked = isBlocked
        let interest: EventQueue.Interest = isBlocked ? [.readable, .writable] : .readable
        try? queue.change(control.number, interest, number: Source.control)
    }

    /// Answers questions for names. While the supervisor is behind, the server itself takes only so many more that
    /// have to be recorded.
    func serveNames() {
        let first = announcements.last + 1
        let told = names?.serve(now: now, firstNumber: first, decision: decision, addresses: &addresses)
        guard let told else { return }
        // By it a packet to a port where nobody listens is told as one to the name.
        for (address, name) in told.named { announcements.send(.named(address, name)) }
        for event in told.events { _ = announcements.announce(event) }
        watchControl()
        names?.flush()
    }

    /// Takes the resolver's answers.
    func serveResolver() {
        for (number, answer) in resolver.serve(now: now) {
            guard let connection = connections[number], connection.opening?.isResolving == true else {
                continue
            }
            connection.opening?.isResolving = false
            resolved(connection, answer)
        }
    }
}
