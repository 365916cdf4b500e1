internal import Linux
internal import Network
internal import Profile

extension ConnectExplanation {
    /// The line that a reference names.
    static func rule(_ reference: RuleReference, _ network: NetworkPolicy) -> Rule? {
        guard let origin = network.origin(of: reference) else { return nil }
        let index = Int(reference.index)
        return switch reference.list {
        case .allow: Rule(key: "network.allow", written: written(network.allow[index].value), origin: origin)
        case .deny:
            Rule(
                key: "network.deny",
                written: place(network.deny[index].value.target, network.deny[index].value.port),
                origin: origin)
        case .hosts:
            Rule(key: "network.hosts", written: "\(network.hosts[index].value.name)", origin: origin)
        case .loopback:
            Rule(
                key: "network.loopback.connect", written: "\(network.loopback[index].value)", origin: origin)
        }
    }

    private static func written(_ rule: NetworkRule) -> String {
        let port = rule.ports.count == 1 ? rule.ports.first : nil
        guard port == nil else { return place(rule.target, port == 443 ? nil : port) }
        return "\(rule.target), ports " + rule.ports.map { "\($0)" }.joined(separator: ", ")
    }

    private static func place(_ target: NetworkRule.Target, _ port: UInt16?) -> String {
        guard let port else { return "\(target)" }
        if case .address(let address) = target { return SocketEndpoint(address, port).description }
        return "\(target):\(port)"
    }

    /// Why it is allowed, and what is looked at.
    static func reason(for permission: NetworkPermission, _ network: NetworkPolicy) -> String {
        let place = RequestedEndpoint(permission.host, permission.port)
        if permission.rule.list == .loopback {
            return
                "Port \(permission.port) of the sandbox's loopback leads to the host's; the bytes aren't looked at."
        }
        let checks =
            switch permission.check {
            case .tls: "what comes first has to be TLS for \(permission.host)"
            case .http: "each request has to be HTTP for \(permission.host)"
            case .auto: "TLS and HTTP have to be for \(permission.host), anything else passes as it is"
            case .tcp: "the bytes aren't looked at"
            }
        return "\(place) is allowed; \(checks)." + addresses(permission, network)
    }

    private static func addresses(_ permission: NetworkPermission, _ network: NetworkPolicy) -> String {
        switch (permission.host, permission.reach) {
        case (.address, _): return ""
        case (_, .resolve(allowsPrivate: false)):
            return " It isn't reached when one of its addresses isn't public."
        case (_, .resolve(allowsPrivate: true)): return " Its addresses may be private ones."
        case (.name(let name), .fixed(let address)):
            let line = network.hosts.last { $0.value.name == name }
            return " Its address is \(address), by network.hosts" + (line.map { " (\($0.origin))." } ?? ".")
        }
    }

    /// Why it is denied.
    static func sentence(
        _ why: NetworkReason, _ endpoint: RequestedEndpoint, _ rule: RuleReference?, _ network: NetworkPolicy
    ) -> String {
        if endpoint.port == NetworkListener.namePort {
            return "At port \(endpoint.port) Mews answers for names itself, whatever the address."
        }
        if isSynthetic(endpoint.host) {
            return
                "\(endpoint.host) is one of the addresses that Mews gives to names inside: ask for the name."
        }
        switch why {
        case .metadata:
            return
                "\(endpoint.host) hands out the credentials of this machine, and no profile can allow that."
        case .denied:
            return "\(endpoint) is denied, and a deny wins over every allow: to allow it, remove that line."
        case .port:
            let ports = rule.map { network.allow[Int($0.index)].value.ports } ?? []
            let list = ports.map { "\($0)" }.joined(separator: ", ")
            return "\(endpoint.host) is allowed at port \(list), and not at \(endpoint.port)."
        case .loopbackPort:
            return "\(endpoint) is the sandbox's own loopback; no line leads it to the host's."
        case .addressLiteral:
            return "No line names \(endpoint.host), and a line for a name doesn't allow its address."
        default:
            return "No line allows \(endpoint.host)."
        }
    }

    /// Whether it is one of the addresses that names have inside (198.18.0.0/15).
    static func isSynthetic(_ host: RequestedHost) -> Bool {
        guard case .address(let address) = host, let number = address.version4 else { return false }
        return number >> 17 == 0xc612_0000 >> 17
    }
}
