internal import Linux
public import Network
public import Profile

/// Whether a host and port can be reached, which line decides, and what would allow it.
///
/// Decides as the door does, but asks nobody: what addresses a name has is found out when it is dialled.
public struct ConnectExplanation: Sendable {
    /// The line behind an answer.
    public struct Rule: Hashable, Sendable, CustomStringConvertible {
        /// Where it stands in a profile: `network.allow`.
        public let key: String
        /// What it names.
        public let written: String
        /// Its place.
        public let origin: Origin

        /// `network.allow: api.example.com (/p.yaml:5:10)`
        public var description: String { "\(key): \(written) (\(origin))" }
    }

    /// The answer.
    public let verdict: Explanation.Verdict
    /// The line that decides; nil when no line names the host.
    public let rule: Rule?
    /// One sentence or two.
    public let reason: String
    /// The smallest line that would allow it; nil when it is allowed, when nothing may, and when a line has to go.
    public let fix: String?
    /// What the first bytes are held to; nil when it is denied.
    public let check: NetworkRule.ProtocolCheck?
    /// What is worth knowing besides.
    public let notes: [String]

    /// Explains a connection.
    public init(to endpoint: RequestedEndpoint, in network: NetworkPolicy) {
        let host = endpoint.host
        let port = endpoint.port
        notes = Self.notes(port, network)
        if let reason = Self.own(endpoint) {
            (verdict, rule, self.reason, fix, check) = (.allowed, nil, reason, nil, nil)
            return
        }
        switch NetworkDecision(network.settings).decide(host, port: port) {
        case .allowed(let permission):
            verdict = .allowed
            rule = Self.rule(permission.rule, network)
            reason = Self.reason(for: permission, network)
            fix = nil
            check = permission.check
        case .denied(let why, let reference):
            verdict = .denied
            rule = reference.flatMap { Self.rule($0, network) }
            check = nil
            // Another line of the user's would be intersected with the repository's list as well.
            let isNarrowed = network.narrowing != nil && why != .loopbackPort
            let isFinal = isNarrowed || Self.isSynthetic(host) || port == NetworkListener.namePort
            fix = isFinal ? nil : NetworkFix.line(for: host, port: port, reason: why)
            let words = Self.sentence(why, endpoint, reference, network)
            let narrowed = network.narrowing.map {
                " The repository's file limits what can be allowed (\($0)): the host has to be in its list too."
            }
            reason = words + (isNarrowed && why != .denied && why != .metadata ? narrowed ?? "" : "")
        }
    }

    /// What is answered inside without anybody outside.
    private static func own(_ endpoint: RequestedEndpoint) -> String? {
        guard endpoint.port == NetworkListener.proxyPort else { return nil }
        switch endpoint.host {
        case .address(let address) where address == .loopback: break
        case .name(let name) where name.isLoopback: break
        default: return nil
        }
        return "\(endpoint) is Mews's own proxy inside, for programs that know of proxies (HTTP and SOCKS)."
    }

    private static func notes(_ port: UInt16, _ network: NetworkPolicy) -> [String] {
        guard network.listeners.contains(where: { $0.port == port && $0.kind != .datagram }) else {
            return []
        }
        return ["a program that binds port \(port) inside gets EADDRINUSE: Mews listens there"]
    }
}
