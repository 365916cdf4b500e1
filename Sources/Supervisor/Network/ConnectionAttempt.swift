internal import Audit
internal import Linux

/// A connect(2) or sendto(2) that a process inside was about to make.
struct ConnectionAttempt: Sendable {
    /// The thread, by its number on the host.
    var thread: Int32
    /// Whom it named.
    var destination: SocketEndpoint
    /// When, by the monotonic clock.
    var time: Int64
    /// Who it is.
    var process: AuditedProcess
}

/// The last attempts: by them it is known where to look for the owner of a socket.
struct ConnectionAttempts: Sendable {
    /// How many are remembered, and for how long.
    private static let most = 256
    private static let age: Int64 = 5_000_000_000

    private var attempts: [ConnectionAttempt] = []
    private var next = 0

    /// Remembers one.
    mutating func add(_ attempt: ConnectionAttempt) {
        if attempts.count < Self.most {
            attempts.append(attempt)
        } else {
            attempts[next] = attempt
        }
        next = (next + 1) % Self.most
    }

    /// Those of the last seconds towards a destination, the newest first.
    func towards(_ destination: SocketEndpoint, at now: Int64) -> [ConnectionAttempt] {
        newestFirst.filter { $0.destination == destination && now - $0.time <= Self.age }
    }

    private var newestFirst: [ConnectionAttempt] {
        // Once it is full, the oldest lies where the next one goes.
        let isFull = attempts.count == Self.most
        return (isFull ? Array(attempts[next...] + attempts[..<next]) : attempts).reversed()
    }
}
