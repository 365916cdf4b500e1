internal import Audit
internal import Linux

/// A connect(2) or sendto(2) that a process inside was about to make.
struct ConnectionAttempt: Sendable {
    /// The thread, by its number on the host.
    var thread: Int32
    /// Whom it named.
    var destination: SocketEndpoint
    /// The inode of its socket; nil when that couldn't be told.
    var socket: UInt32?
    /// When, by the monotonic clock.
    var time: Int64
    /// Who it is.
    var process: AuditedProcess
}

/// The last attempts: by them it is known whose a socket is, or where to look for its owner.
///
/// They are looked through where they lie: a copy of one is a copy of what it says of its process.
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

    /// The last attempt to connect this socket, in the last seconds.
    func connecting(_ inode: UInt32, at now: Int64) -> ConnectionAttempt? {
        var found: Int?
        forEachPlace(since: now - Self.age) { place in
            guard attempts[place].socket == inode else { return true }
            found = place
            return false
        }
        return found.map { attempts[$0] }
    }

    /// Those of the last seconds towards a destination, the newest first.
    func towards(_ destination: SocketEndpoint, at now: Int64) -> [ConnectionAttempt] {
        var found: [ConnectionAttempt] = []
        forEachPlace(since: now - Self.age) { place in
            if attempts[place].destination == destination { found.append(attempts[place]) }
            return true
        }
        return found
    }

    /// Goes through the places of those since a moment, the newest first, as long as it is wanted.
    private func forEachPlace(since start: Int64, _ body: (Int) -> Bool) {
        for back in 1...Self.most {
            // Once it is full, the newest lies before where the next one goes.
            let place = (next + Self.most - back) % Self.most
            guard place < attempts.count, attempts[place].time >= start else { return }
            if !body(place) { return }
        }
    }
}
