public import Linux

/// One line of `network.allow`, with everything that it says or leaves to the defaults.
public struct NetworkRule: Hashable, Sendable {
    /// Who can be reached.
    public enum Target: Hashable, Sendable {
        /// One name.
        case exact(DomainName)
        /// Every name with one or more labels before this one.
        case below(DomainName)
        /// One address, asked for by its number.
        case address(IPAddress)
    }

    /// What the first bytes of a connection have to be.
    public enum ProtocolCheck: UInt8, Hashable, Sendable, CaseIterable {
        /// A TLS ClientHello whose server name is the name.
        case tls = 1
        /// HTTP requests, each with the name as its authority.
        case http
        /// Anything.
        case tcp
        /// TLS and HTTP are checked, anything else is relayed.
        case auto

        /// The word of profiles and records.
        public var word: String {
            switch self {
            case .tls: "tls"
            case .http: "http"
            case .tcp: "tcp"
            case .auto: "auto"
            }
        }
    }

    /// Who can be reached.
    public var target: Target
    /// At which ports; never empty.
    public var ports: [UInt16]
    /// What the profile says of the first bytes; nil leaves it to the port.
    public var protocolCheck: ProtocolCheck?
    /// The name may have an address that isn't public.
    public var allowsPrivate: Bool

    /// Joins the parts.
    public init(
        _ target: Target, ports: [UInt16], protocolCheck: ProtocolCheck? = nil, allowsPrivate: Bool = false
    ) {
        self.target = target
        self.ports = ports
        self.protocolCheck = protocolCheck
        self.allowsPrivate = allowsPrivate
    }

    /// What holds for a port: the rule's own word, else `tls` on 443, `http` on 80 and `auto` elsewhere.
    public func check(at port: UInt16) -> ProtocolCheck {
        if let protocolCheck { return protocolCheck }
        return port == 443 ? .tls : port == 80 ? .http : .auto
    }
}

extension NetworkRule.Target: CustomStringConvertible {
    /// As a profile writes it: `api.example.com`, `*.example.com`, `10.2.3.4`, `fd00::1`.
    public var description: String {
        switch self {
        case .exact(let name): name.text
        case .below(let name): "*.\(name.text)"
        case .address(let address): address.description
        }
    }
}

/// One line of `network.deny`.
public struct NetworkDenial: Hashable, Sendable {
    /// Who can't be reached.
    public var target: NetworkRule.Target
    /// At which port; nil is all.
    public var port: UInt16?

    /// Joins the parts.
    public init(_ target: NetworkRule.Target, port: UInt16? = nil) {
        self.target = target
        self.port = port
    }
}
