internal import Network

/// What a line of `network.allow` says of one port; nil is no opinion.
struct NetworkLine: Sendable {
    let target: NetworkRule.Target
    let port: UInt16
    var protocolCheck: NetworkRule.ProtocolCheck?
    var allowsPrivate: Bool?
    var origin: Origin

    /// The port of a host that is named without one.
    static let usualPort: UInt16 = 443

    /// What the first bytes have to be.
    var check: NetworkRule.ProtocolCheck { rule.check(at: port) }

    /// The line as a rule with this port alone.
    var rule: NetworkRule {
        NetworkRule(
            target, ports: [port], protocolCheck: protocolCheck, allowsPrivate: allowsPrivate ?? false)
    }

    /// The lines of a setting of `network.allow`, one for each port.
    static func lines(_ setting: Setting) -> [NetworkLine] {
        switch setting.value {
        case .host(let target, let port):
            return [NetworkLine(target: target, port: port ?? usualPort, origin: setting.origin)]
        case .record(let members):
            let target: NetworkRule.Target
            switch (members["host"], members["address"]) {
            case (.host(let host, _)?, nil): target = host
            case (nil, .address(let address)?): target = .address(address)
            default: return []
            }
            let check = members["protocol"]?.text.flatMap(NetworkRule.ProtocolCheck.init(word:))
            let addresses = members["addresses"]?.text.map { $0 == "private" }
            return ports(members["ports"]).map { port in
                NetworkLine(
                    target: target, port: port, protocolCheck: check, allowsPrivate: addresses,
                    origin: setting.origin)
            }
        default: return []
        }
    }

    private static func ports(_ value: SchemaValue?) -> [UInt16] {
        guard case .values(let values)? = value else { return [usualPort] }
        return values.compactMap { $0.number.map { UInt16(truncatingIfNeeded: $0) } }
    }

    /// Checks a mapping of `network.allow`.
    static func check(_ members: [String: SchemaValue]) throws(ScalarError) {
        guard case .values(let ports)? = members["ports"] else {
            if members["protocol"]?.text == "http" {
                throw ScalarError(
                    "the rule is for http and names no port, which is \(usualPort)", remedy: "add ports: [80]"
                )
            }
            return
        }
        guard !ports.isEmpty else { throw ScalarError("the rule names no port", remedy: "add one to ports") }
        for port in ports {
            if let number = port.number { try GrantableHost.check(port: UInt16(truncatingIfNeeded: number)) }
        }
    }
}

extension NetworkRule.ProtocolCheck {
    /// The check that a profile names by a word.
    init?(word: String) {
        guard let check = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = check
    }
}
