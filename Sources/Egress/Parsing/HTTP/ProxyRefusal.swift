internal import Linux
internal import Network

/// What the explicit proxy and the `http` door answer instead of the server: for the person who reads it, and for the
/// program or agent that has to do something about it.
struct ProxyRefusal: Hashable, Sendable {
    /// The status, with what it is called.
    enum Status: Int, Sendable {
        case badRequest = 400
        case forbidden = 403
        case badGateway = 502
        case unavailable = 503
        case gatewayTimeout = 504

        fileprivate var phrase: String {
            switch self {
            case .badRequest: "Bad Request"
            case .forbidden: "Forbidden"
            case .badGateway: "Bad Gateway"
            case .unavailable: "Service Unavailable"
            case .gatewayTimeout: "Gateway Timeout"
            }
        }
    }

    /// The status.
    let status: Status
    /// The word of `X-Mews-Denied`, as records have it; nil when nothing was denied.
    let reason: NetworkReason?
    /// What happened.
    private let sentence: String
    /// What can be done about it; lines.
    private let advice: [String]

    /// The name of the field that tells a denial from a server's own answer. It never comes from outside: such
    /// fields are left out of what a server sends.
    static let field = "X-Mews-Denied"
}

extension ProxyRefusal {
    /// A connection or request to an endpoint isn't let through.
    ///
    /// - Parameters:
    ///   - endpoint: the host and port as they were asked for.
    ///   - reason: why not.
    ///   - origin: `FILE:LINE` of the rule that decided, where it is known.
    ///   - address: the address that decided.
    init(
        denied endpoint: RequestedEndpoint, _ reason: NetworkReason, origin: String? = nil,
        address: IPAddress? = nil
    ) {
        let why = Self.why(reason, address: address)
        status = Self.status(reason)
        self.reason = reason
        sentence = "\(endpoint) was denied: \(why)" + (origin.map { $0.isEmpty ? "" : " (\($0))" } ?? "")
        advice = Self.advice(endpoint, reason)
    }

    /// What came isn't a request, or is for something that isn't a host.
    init(malformed malformation: HTTPMalformation, _ reason: NetworkReason) {
        status = reason == .notHTTP ? .forbidden : .badRequest
        self.reason = reason
        sentence = "the request was refused: \(malformation.sentence)"
        advice = []
    }

    /// The endpoint is allowed, and can't be reached.
    ///
    /// - Parameters:
    ///   - endpoint: the host and port as they were asked for.
    ///   - cause: what went wrong, as a part of a sentence: `Connection refused`.
    ///   - isTimeout: whether the server took too long.
    init(unreachable endpoint: RequestedEndpoint, cause: String, isTimeout: Bool = false) {
        status = isTimeout ? .gatewayTimeout : .badGateway
        reason = nil
        sentence = "\(endpoint) is allowed, and couldn't be reached: \(cause)"
        advice = []
    }

    /// The server's answer can't be sent on.
    init(badAnswerOf endpoint: RequestedEndpoint, _ malformation: HTTPMalformation) {
        status = .badGateway
        reason = nil
        sentence = "the answer of \(endpoint) can't be sent on: \(malformation.sentence)"
        advice = []
    }

    /// The answer as bytes.
    ///
    /// - Parameters:
    ///   - closes: the connection ends with it.
    ///   - hasBody: false in answer to HEAD, where the body's length is told and the body isn't sent.
    /// - Returns: the head and the body.
    func encoded(closes: Bool, hasBody: Bool) -> [UInt8] {
        // What a program sent stands in it, so nothing of it may act on a terminal or begin a line.
        let lines = ([sentence + "."] + advice).map { PrintableText.escape($0.utf8) }
        let body = lines.map { "mews: \($0)\n" }.joined()
        var head = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"
        if let reason { head += "\(Self.field): \(reason.word)\r\n" }
        head += "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n"
        head += "Cache-Control: no-store\r\n"
        if closes { head += "Connection: close\r\n" }
        return Array((head + "\r\n" + (hasBody ? body : "")).utf8)
    }
}

extension ProxyRefusal {
    private static func status(_ reason: NetworkReason) -> Status {
        switch reason {
        case .malformedHost, .malformedRequest, .tooLarge, .tooSlow: .badRequest
        case .connectionLimit, .rateLimit, .doorLost: .unavailable
        default: .forbidden
        }
    }

    private static func why(_ reason: NetworkReason, address: IPAddress?) -> String {
        let leads = "the name leads to \(address.map { "\($0)" } ?? "an address")"
        return switch reason {
        case .notAllowed: "no line of network.allow names the host"
        case .denied: "a line of network.deny names it"
        case .port: "network.allow names the host at other ports"
        case .addressLiteral: "it is an address, and no line of network.allow names that"
        case .metadata: "it hands out the credentials of machines"
        case .privateAddress: "\(leads), which isn't public"
        case .ownAddress: "\(leads), which is this host's own"
        case .malformedHost: "it isn't a host and a port"
        case .malformedRequest: "what was sent isn't a request"
        case .staleName: "the address isn't a name's any more"
        case .loopbackPort: "network.loopback.connect doesn't name the port"
        case .notTLS: "only TLS may be spoken there"
        case .serverNameMissing: "TLS without a server name may not be spoken there"
        case .serverNameDiffers: "the server name of TLS is another one"
        case .notHTTP: "only HTTP may be spoken there"
        case .authorityDiffers: "the request is for another host than the connection"
        case .tooSlow: "the request took too long"
        case .tooLarge: "the request is too long"
        case .connectionLimit: "there are too many connections"
        case .rateLimit: "there are too many new connections"
        case .questionType: "such questions aren't answered"
        case .noListener: "nobody listens there"
        case .doorLost: "the network's door isn't running"
        }
    }

    /// The smallest line that would allow it, where there is one.
    private static func advice(_ endpoint: RequestedEndpoint, _ reason: NetworkReason) -> [String] {
        switch reason {
        case .connectionLimit, .rateLimit: return ["trying again later may help."]
        case .tooSlow, .tooLarge, .staleName, .doorLost: return []
        default: break
        }
        guard let line = NetworkFix.line(for: endpoint.host, port: endpoint.port, reason: reason) else {
            return [outside]
        }
        let option =
            reason == .notAllowed || reason == .port ? ", or mews run with --allow \(endpoint)" : ""
        return ["the profile would allow it with: \(line)\(option)", outside]
    }

    private static let outside =
        "the policy is the user's and can't be changed from inside; trying again won't help."
}
