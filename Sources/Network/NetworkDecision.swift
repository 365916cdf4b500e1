public import Linux

/// Decides about hosts, ports and addresses: the same for every door, from the lines of the policy alone.
///
/// A connection is let through when a line of `allow` names the host at the port, no line of `deny` does, and what the
/// name leads to is fit. Of several lines of `allow` the nearest counts, for its protocol and its addresses: the exact
/// name, then the wildcard with the most labels, and of lines for the same host the last that names the port.
///
/// Where several things are against a connection, the reason is the first of these: `metadata` for a name, `denied`,
/// `loopback-port`, `port`, `metadata` for an address, `address-literal`, `not-allowed`; and of an address that a name
/// leads to: `metadata`, `denied`, `private-address`, `own-address`.
public struct NetworkDecision: Sendable {
    private let allow: [NetworkRule]
    private let deny: [NetworkDenial]
    private let allowed: TargetIndex
    private let denied: TargetIndex
    private let hosts: [DomainName: IPAddress]
    private let loopback: [UInt16: Int]

    /// Takes the lines of the policy.
    public init(_ settings: DoorSettings) {
        allow = settings.allow
        deny = settings.deny
        allowed = TargetIndex(allow.lazy.map(\.target))
        denied = TargetIndex(deny.lazy.map(\.target))
        hosts = Dictionary(settings.hosts.map { ($0.name, $0.address) }) { _, later in later }
        loopback = Dictionary(settings.loopback.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    /// Decides about a host and a port, asking nobody.
    ///
    /// `localhost` and the loopback's addresses are the sandbox's own; what of the host's is behind their ports is
    /// for `loopback.connect` to say.
    public func decide(_ host: RequestedHost, port: UInt16) -> NetworkVerdict {
        switch host {
        case .name(let name) where name.isMetadata: return .denied(.metadata, nil)
        case .name(let name) where name.isLoopback: return decide(loopbackPort: port)
        case .address(let address) where address.isLoopback: return decide(loopbackPort: port)
        default: break
        }
        if let denial = denial(of: host, port: port) { return .denied(.denied, denial) }
        guard let index = allowed.first(of: host, where: { allow[$0].ports.contains(port) }) else {
            return refusal(of: host)
        }
        let rule = RuleReference(.allow, index)
        let reach: NetworkPermission.Reach
        switch host {
        case .address(let address): reach = .fixed(address)
        case .name(let name):
            if let address = hosts[name] {
                // The line of `hosts` is the permission for the address, but for these two.
                if address.kind == .metadata { return .denied(.metadata, rule) }
                if let denial = denial(of: .address(address), port: port) { return .denied(.denied, denial) }
                reach = .fixed(address)
            } else {
                reach = .resolve(allowsPrivate: allow[index].allowsPrivate)
            }
        }
        return .allowed(
            NetworkPermission(
                host: host, port: port, rule: rule, check: allow[index].check(at: port), reach: reach))
    }

    /// Decides about a port of the sandbox's loopback that leads to the host's.
    ///
    /// A program that connects to one of its addresses doesn't say which name it had for it, so a denial of any of the
    /// three usual ones is one of all.
    public func decide(loopbackPort port: UInt16) -> NetworkVerdict {
        for host in Self.loopbackHosts {
            if let denial = denial(of: host, port: port) { return .denied(.denied, denial) }
        }
        guard let index = loopback[port] else { return .denied(.loopbackPort, nil) }
        let host = IPAddress.loopback
        return .allowed(
            NetworkPermission(
                host: .address(host), port: port, rule: RuleReference(.loopback, index), check: .tcp,
                reach: .fixed(host)))
    }

    /// Decides about what a name leads to.
    ///
    /// One address that isn't fit is enough against all of them: whoever answers for the name could have the others
    /// fail, and then this one would be dialled.
    ///
    /// - Parameters:
    ///   - addresses: everything that the resolver answered.
    ///   - permission: what was decided about the name.
    ///   - isOwn: whether an address is one of the host's, where services listen that expect only neighbours.
    /// - Returns: what to dial.
    public func judge(
        _ addresses: [IPAddress], for permission: NetworkPermission,
        isOwn: (IPAddress) -> Bool = { _ in false }
    ) -> AddressVerdict {
        guard case .resolve(let allowsPrivate) = permission.reach else { return .dial(addresses) }
        if let address = addresses.first(where: { $0.kind == .metadata }) {
            return .denied(.metadata, address, permission.rule)
        }
        for address in addresses {
            if let rule = denial(of: .address(address), port: permission.port) {
                return .denied(.denied, address, rule)
            }
        }
        for address in addresses where !Self.isFit(address.kind, allowsPrivate: allowsPrivate) {
            return .denied(.privateAddress, address, permission.rule)
        }
        if !allowsPrivate, let address = addresses.first(where: isOwn) {
            return .denied(.ownAddress, address, permission.rule)
        }
        return .dial(addresses)
    }

    /// Decides whether a name is answered: whether any port of it can be reached.
    public func mayAsk(_ name: DomainName) -> NameVerdict {
        var first: (reason: NetworkReason, rule: RuleReference?)?
        let host = RequestedHost.name(name)
        // Not for the line itself but for each of its ports: a nearer line or a denial may take any of them.
        let found = allowed.first(of: host) { index in
            allow[index].ports.contains { port in
                switch decide(host, port: port) {
                case .allowed: return true
                case .denied(let reason, let rule):
                    first = first ?? (reason, rule)
                    return false
                }
            }
        }
        if found != nil { return .allowed(PermittedName(name)) }
        if let first { return .denied(first.reason, first.rule) }
        if name.isMetadata { return .denied(.metadata, nil) }
        let denial = denied.first(of: host) { deny[$0].port == nil }
        return denial.map { .denied(.denied, RuleReference(.deny, $0)) } ?? .denied(.notAllowed, nil)
    }

    private func denial(of host: RequestedHost, port: UInt16) -> RuleReference? {
        let index = denied.first(of: host) { deny[$0].port == nil || deny[$0].port == port }
        if let index { return RuleReference(.deny, index) }
        guard case .address(let address) = host, let translated = address.translated else { return nil }
        return denial(of: .address(translated), port: port)
    }

    private static let loopbackHosts = ["localhost", "127.0.0.1", "::1"].compactMap {
        RequestedHost(socks: $0.utf8)
    }

    /// Why a host that no line names at the port isn't let through.
    private func refusal(of host: RequestedHost) -> NetworkVerdict {
        if let other = allowed.first(of: host, where: { _ in true }) {
            return .denied(.port, RuleReference(.allow, other))
        }
        guard case .address(let address) = host else { return .denied(.notAllowed, nil) }
        return .denied(address.kind == .metadata ? .metadata : .addressLiteral, nil)
    }

    private static func isFit(_ kind: AddressKind, allowsPrivate: Bool) -> Bool {
        switch kind {
        case .global: true
        case .privateUse, .loopback, .linkLocal, .reserved: allowsPrivate
        // A name has no business there: the first is the host itself by another number, the second nobody.
        case .unspecified, .multicast, .metadata: false
        }
    }
}
