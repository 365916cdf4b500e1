internal import Audit
internal import Linux
internal import Network

/// The connections that were let through and haven't ended: whose they are, which can't be found out afterwards.
struct OpenConnections {
    /// The two ends inside.
    struct Ends: Hashable {
        let client: SocketEndpoint
        let destination: SocketEndpoint

        init(_ event: NetworkEvent) {
            client = event.client
            destination = event.destination
        }
    }

    /// One of them.
    struct Connection {
        var event: NetworkEvent
        var process: AuditedProcess?
        var start: Int64
    }

    /// More than the door has at once. Of more, the end is recorded without the process.
    private static let most = 2048

    private var connections: [Ends: Connection] = [:]

    /// Whether the door has still to tell of an end.
    var isEmpty: Bool { connections.isEmpty }

    /// The process of a connection, when it is known; nil when the connection isn't.
    func process(of event: NetworkEvent) -> AuditedProcess?? {
        connections[Ends(event)].map(\.process)
    }

    /// Takes note of a beginning or an end.
    mutating func note(_ event: NetworkEvent, _ process: AuditedProcess?, at now: Int64) {
        switch event.kind {
        case .allowed:
            guard connections.count < Self.most else { return }
            connections[Ends(event)] = Connection(event: event, process: process, start: now)
        case .closed, .failed: connections[Ends(event)] = nil
        case .denied, .nameDenied: break
        }
    }

    /// What becomes of all of them when the door dies: they break.
    mutating func breakAll(at now: Int64) -> [(event: NetworkEvent, process: AuditedProcess?)] {
        defer { connections = [:] }
        return connections.values.sorted { $0.start < $1.start }.map { connection in
            var event = connection.event
            event.kind = .failed
            event.milliseconds = UInt64(max(0, now - connection.start) / 1_000_000)
            // ECONNRESET, which is what the program sees.
            event.errno = 104
            return (event, connection.process)
        }
    }
}
