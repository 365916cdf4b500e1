internal import Linux
internal import Network

/// What happens because time goes by.
///
/// There are at most some hundred connections, so looking through all of them when the first of their deadlines is over
/// is cheaper than keeping them in an order that every byte would change.
extension EgressLoop {
    /// How long the loop may wait.
    var timeout: Int64? {
        if !turns.isEmpty { return 0 }
        var next = min(nextLook, lateUntil, pausedUntil ?? .max)
        next = min(next, resolver.deadline ?? .max)
        if let deadline = names?.deadline { next = min(next, deadline) }
        return next == .max ? nil : max(0, next - now)
    }

    /// Sets when a connection is looked after.
    func setDeadline(_ connection: Connection, after duration: Int64) {
        connection.deadline = now + duration
        nextLook = min(nextLook, connection.deadline)
    }

    /// Looks after everything whose time has come.
    func lookAfterTime() {
        if lateUntil <= now { announceLate() }
        if let deadline = resolver.deadline, deadline <= now { serveResolver() }
        if let deadline = names?.deadline ?? nil, deadline <= now { serveNames() }
        if let pausedUntil, pausedUntil <= now { resumeListening() }
        guard nextLook <= now else { return }
        nextLook = .max
        for case let connection? in connections.all {
            if connection.deadline <= now { timeIsOver(connection) }
            nextLook = min(nextLook, connection.deadline)
        }
    }

    private func timeIsOver(_ connection: Connection) {
        connection.deadline = .max
        switch connection.stage {
        case .greeting: greetingIsOver(connection)
        case .sniffing: deny(connection, .tooSlow)
        case .opening: attemptIsOver(connection)
        case .exchanging: exchangeIsOver(connection)
        case .relaying: idleIsOver(connection)
        // The supervisor has its time; without it nothing is answered.
        case .refused: return
        case .probing: reset(connection)
        case .lingering: close(connection)
        }
    }
}
