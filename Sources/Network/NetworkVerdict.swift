public import Linux

/// What is decided about a host and port before anything is asked or dialled.
public enum NetworkVerdict: Hashable, Sendable {
    /// A rule allows it, if the addresses of the name are fit.
    case allowed(NetworkPermission)
    /// Why not, and the line that says so or comes nearest.
    case denied(NetworkReason, RuleReference?)
}

/// What a rule lets a connection do.
public struct NetworkPermission: Hashable, Sendable {
    /// Where the connection goes.
    public enum Reach: Hashable, Sendable {
        /// To an address of the name, from the resolver outside; whether it may be one that isn't public.
        case resolve(allowsPrivate: Bool)
        /// To this address alone; nothing is asked.
        case fixed(IPAddress)
    }

    /// Whom it is for: what the server name and each request are held to.
    public let host: RequestedHost
    /// The port to dial.
    public let port: UInt16
    /// The line that allows it.
    public let rule: RuleReference
    /// What the first bytes have to be.
    public let check: NetworkRule.ProtocolCheck
    /// Where it goes.
    public let reach: Reach

    /// Only a decision makes one.
    init(
        host: RequestedHost, port: UInt16, rule: RuleReference, check: NetworkRule.ProtocolCheck, reach: Reach
    ) {
        self.host = host
        self.port = port
        self.rule = rule
        self.check = check
        self.reach = reach
    }

    /// The name to ask for outside; nil where nothing is asked.
    public var permittedName: PermittedName? {
        guard case .name(let name) = host, case .resolve = reach else { return nil }
        return PermittedName(name)
    }
}

/// A name that may be asked for outside: only a decision makes one, so that no other name can leave.
public struct PermittedName: Hashable, Sendable {
    /// The name.
    public let name: DomainName

    init(_ name: DomainName) {
        self.name = name
    }
}

/// What is decided about the addresses that a name has.
public enum AddressVerdict: Hashable, Sendable {
    /// These can be dialled, in their order.
    case dial([IPAddress])
    /// The address that decides against all of them.
    case denied(NetworkReason, IPAddress, RuleReference?)
}

/// What is decided about a question for a name.
public enum NameVerdict: Hashable, Sendable {
    /// Some port of the name can be reached.
    case allowed(PermittedName)
    /// Why not, and the line that says so.
    case denied(NetworkReason, RuleReference?)
}
