/// Why something isn't let through, as records name it (`unmapped.mews.reason`).
public enum NetworkReason: UInt8, Sendable, CaseIterable {
    /// No rule names the host.
    case notAllowed = 1
    /// A rule of `network.deny` names the host.
    case denied
    /// A rule names the host, at other ports.
    case port
    /// An address instead of a name, and no rule names it.
    case addressLiteral
    /// An address that hands out credentials of machines; never by a name.
    case metadata
    /// The name has an address that isn't public.
    case privateAddress
    /// The address is the host's own.
    case ownAddress
    /// What was asked for isn't a host and a port.
    case malformedHost
    /// What was sent isn't a request.
    case malformedRequest
    /// An address of the door's own making whose name isn't known any more.
    case staleName
    /// A port of the loopback that leads nowhere.
    case loopbackPort
    /// TLS is expected, and this isn't.
    case notTLS
    /// TLS without a server name.
    case serverNameMissing
    /// TLS to another server name.
    case serverNameDiffers
    /// HTTP is expected, and this isn't.
    case notHTTP
    /// A request for another host.
    case authorityDiffers
    /// The first bytes didn't come in time.
    case tooSlow
    /// The first bytes are too many.
    case tooLarge
    /// Too many connections at once.
    case connectionLimit
    /// Too many new connections or questions in a second.
    case rateLimit
    /// A kind of question that is answered with nothing.
    case questionType
    /// Nobody listens there: no rule names the port, or the protocol isn't TCP.
    case noListener
    /// The door isn't running.
    case doorLost

    /// The word of the records.
    public var word: String {
        switch self {
        case .notAllowed: "not-allowed"
        case .denied: "denied"
        case .port: "port"
        case .addressLiteral: "address-literal"
        case .metadata: "metadata"
        case .privateAddress: "private-address"
        case .ownAddress: "own-address"
        case .malformedHost: "malformed-host"
        case .malformedRequest: "malformed-request"
        case .staleName: "stale-name"
        case .loopbackPort: "loopback-port"
        case .notTLS: "not-tls"
        case .serverNameMissing: "server-name-missing"
        case .serverNameDiffers: "server-name-differs"
        case .notHTTP: "not-http"
        case .authorityDiffers: "authority-differs"
        case .tooSlow: "too-slow"
        case .tooLarge: "too-large"
        case .connectionLimit: "connection-limit"
        case .rateLimit: "rate-limit"
        case .questionType: "question-type"
        case .noListener: "no-listener"
        case .doorLost: "door-lost"
        }
    }
}
