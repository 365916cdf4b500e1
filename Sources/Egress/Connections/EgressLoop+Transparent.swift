internal import Linux
internal import Network

/// Connections of programs that know of no proxy: what they dialled says where they want to go.
extension EgressLoop {
    /// Decides about a connection by its destination.
    func beginTransparent(_ connection: Connection) {
        let destination = connection.destination
        if connection.door == .loopback {
            return take(decision.decide(loopbackPort: destination.port), connection)
        }
        if SyntheticAddresses.contains(destination.address) {
            addresses.connectionOpened(to: destination.address)
        }
        guard let host = host(of: .address(destination.address)) else {
            return deny(connection, .staleName)
        }
        connection.requested = RequestedEndpoint(host, destination.port)
        take(decision.decide(host, port: destination.port), connection)
    }

    /// Whom a program means that asks for an address: one of the door's own making stands for a name.
    ///
    /// - Returns: nil when that name isn't known any more.
    func host(of host: RequestedHost) -> RequestedHost? {
        guard case .address(let address) = host, SyntheticAddresses.contains(address) else { return host }
        return addresses.name(of: address).map { .name($0) }
    }

    private func take(_ verdict: NetworkVerdict, _ connection: Connection) {
        switch verdict {
        case .denied(let reason, let rule): deny(connection, reason, rule)
        case .allowed(let permission):
            connection.permission = permission
            switch permission.check {
            case .tls:
                connection.opening?.check = .tls
                connection.stage = .sniffing
                setDeadline(connection, after: limits.helloTime)
                sniff(connection)
            case .http:
                connection.exchange = Exchange(HTTPExchange(.transparent(port: permission.port)))
                connection.stage = .exchanging
                setDeadline(connection, after: limits.headTime)
                exchange(connection)
            case .tcp, .auto:
                connection.opening?.check = permission.check == .auto ? .auto : nil
                open(connection)
            }
        }
    }
}
