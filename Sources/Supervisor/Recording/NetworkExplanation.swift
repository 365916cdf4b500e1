internal import Audit
internal import Linux
internal import Network
internal import Profile

/// Puts what was asked of the network into the words of a record: whom, why, which line it is, and what would allow it.
struct NetworkExplanation {
    /// `HOST:PORT` in printable characters; of a question for a name the name.
    let place: String
    /// The line; nil where an allowed connection has none.
    let rule: AuditedRule?
    /// The smallest line that would allow it; nil when nothing may.
    let fix: String?
    private var event: NetworkEvent

    /// The same of another event that differs in nothing but numbers: what was moved, how long it took, what an end said.
    func of(_ event: NetworkEvent) -> NetworkExplanation {
        var other = self
        other.event = event
        return other
    }

    init(of event: NetworkEvent, in policy: NetworkPolicy) {
        self.event = event
        place = Self.place(of: event)
        rule = Self.rule(of: event, in: policy)
        let host =
            event.host.isEmpty
            ? .address(event.destination.address)
            : RequestedHost(event.host) ?? RequestedHost(socks: event.host)
        let isName = event.kind == .nameDenied
        // No line is about datagrams, and another one of the user's would be intersected with the repository's list.
        let canBeAllowed = (isName || !event.isDatagram) && policy.narrowing == nil
        fix = event.reason.flatMap { reason in
            canBeAllowed ? NetworkFix.line(for: host, port: isName ? 0 : event.port, reason: reason) : nil
        }
    }

    /// One sentence on who did it.
    func sentence(_ who: String) -> String {
        switch event.kind {
        case .allowed: "\(who) connects to \(place)."
        case .closed:
            "The connection of \(who) to \(place) has ended: \(event.sent) bytes out, \(event.received) in."
        case .failed:
            "\(who) could not be connected to \(place)\(event.errno > 0 ? ": \(Errno(event.errno))" : "")."
        case .denied: "\(who) was refused \(place)\(event.isDatagram ? " (UDP)" : ""): \(why)."
        case .nameDenied: "\(who) asked for the name \(place): \(why)."
        }
    }

    private var why: String {
        guard let reason = event.reason else { return "the network door refuses it" }
        if event.isDatagram, reason == .noListener {
            return "only TCP is let through, and questions for names"
        }
        return reason.sentence(address: event.address, serverName: PrintableText.escape(event.serverName))
    }

    private static func place(of event: NetworkEvent) -> String {
        if event.kind == .nameDenied {
            return event.host.isEmpty ? "that can't be read" : PrintableText.escape(event.host)
        }
        if event.host.isEmpty { return SocketEndpoint(event.destination.address, event.port).description }
        if let address = IPAddress(String(decoding: event.host, as: UTF8.self)) {
            return SocketEndpoint(address, event.port).description
        }
        let name = PrintableText.escape(event.host)
        return event.port == 0 ? name : "\(name):\(event.port)"
    }

    private static func rule(of event: NetworkEvent, in policy: NetworkPolicy) -> AuditedRule? {
        if let reference = event.rule, let origin = policy.origin(of: reference) {
            return AuditedRule(text: policy.text(of: reference), origin: "\(origin)")
        }
        switch event.reason {
        case nil: return nil
        case .notAllowed, .port, .addressLiteral, .loopbackPort, .noListener, .denied: return .default
        default: return AuditedRule(text: "what the network door lets through", origin: "built-in")
        }
    }
}

extension NetworkPolicy {
    /// A line as it stands in the profile, more or less.
    fileprivate func text(of reference: RuleReference) -> String {
        let index = Int(reference.index)
        switch reference.list {
        case .allow where allow.indices.contains(index):
            let rule = allow[index].value
            return
                "network.allow: \(rule.target.text) port \(rule.ports.map { "\($0)" }.joined(separator: ", "))"
        case .deny where deny.indices.contains(index):
            let denial = deny[index].value
            return "network.deny: \(denial.target.text)\(denial.port.map { ":\($0)" } ?? "")"
        case .hosts where hosts.indices.contains(index):
            return "network.hosts: \(hosts[index].value.name): \(hosts[index].value.address)"
        case .loopback where loopback.indices.contains(index):
            return "network.loopback.connect: \(loopback[index].value)"
        default: return "network"
        }
    }
}

extension NetworkRule.Target {
    fileprivate var text: String {
        switch self {
        case .exact(let name): name.text
        case .below(let name): "*.\(name)"
        case .address(let address): address.description
        }
    }
}

extension NetworkReason {
    /// Why, as the rest of a sentence.
    fileprivate func sentence(address: IPAddress?, serverName: String) -> String {
        let address = address.map { " (\($0))" } ?? ""
        return switch self {
        case .notAllowed: "no rule allows the host"
        case .denied: "a line of the profile denies it; to allow it, remove that line"
        case .port: "a rule allows the host, but not this port"
        case .addressLiteral: "an address is reached only by a rule that names it"
        case .metadata: "the address\(address) hands out credentials of machines"
        case .privateAddress: "the name leads to an address\(address) that isn't public"
        case .ownAddress: "the name leads to an address\(address) of this host"
        case .malformedHost: "that isn't a host and a port"
        case .malformedRequest: "what was sent isn't a request"
        case .staleName:
            "the address stands for a name that isn't known any more; the name has to be asked for anew"
        case .loopbackPort: "no rule connects this port of the loopback to the host's"
        case .notTLS: "the rule expects TLS there, and the first bytes aren't"
        case .serverNameMissing: "the rule expects TLS with the host as its server name, and there is none"
        case .serverNameDiffers: "the rule is for the host, and TLS was begun for \(serverName)"
        case .notHTTP: "the rule expects HTTP there, and the first bytes aren't"
        case .authorityDiffers: "the rule is for the host, and the request is for \(serverName)"
        case .tooSlow: "the first bytes didn't come in time"
        case .tooLarge: "the first bytes are too many"
        case .connectionLimit: "there are too many connections at once"
        case .rateLimit: "there are too many at once"
        case .questionType: "such questions aren't answered"
        case .noListener: "no rule allows this port"
        case .doorLost: "the network door isn't running"
        }
    }
}
