import Network

@testable import Egress

/// Carries out what an exchange says, as the door does, with answers that are given beforehand.
struct ExchangeDriver {
    var exchange: HTTPExchange
    /// The hosts that are let through.
    var allowed: Set<String>
    /// What happened: words for the actions, in their order.
    var log: [String] = []
    var upstream: [UInt8] = []
    var client: [UInt8] = []
    var early: [UInt8] = []
    /// Whom the connection to the server is for.
    var connected: RequestedEndpoint?

    init(_ kind: HTTPExchange.Kind = .proxy, allowed: Set<String> = ["example.com:80"]) {
        exchange = HTTPExchange(kind)
        self.allowed = allowed
    }

    var upstreamText: String { String(decoding: upstream, as: UTF8.self) }
    var clientText: String { String(decoding: client, as: UTF8.self) }

    /// Hands over what comes from the program.
    mutating func send(_ text: String) { send(Array(text.utf8)) }

    mutating func send(_ bytes: [UInt8]) {
        exchange.client(bytes)
        run()
    }

    /// Hands over what comes from the server.
    mutating func answer(_ text: String) { answer(Array(text.utf8)) }

    mutating func answer(_ bytes: [UInt8]) {
        exchange.upstream(bytes)
        run()
    }

    mutating func endClient() {
        exchange.clientEnded()
        run()
    }

    mutating func endUpstream() {
        exchange.upstreamEnded()
        run()
    }

    mutating func run() {
        while let action = exchange.next() {
            switch action {
            case .judge(let request): judge(request)
            case .malformed(let malformation, let reason):
                log.append("malformed \(malformation)")
                exchange.refuse(ProxyRefusal(malformed: malformation, reason))
            case .badGateway(let malformation):
                log.append("bad gateway \(malformation)")
                guard let connected else { return }
                exchange.refuse(ProxyRefusal(badAnswerOf: connected, malformation))
            case .toUpstream(let bytes): upstream += bytes
            case .toClient(let bytes): client += bytes
            case .tunnel(let early):
                log.append("tunnel")
                self.early = early
            case .relay: log.append("relay")
            case .closeUpstream:
                log.append("close upstream")
                connected = nil
            case .close: log.append("close")
            }
        }
    }

    private mutating func judge(_ request: HTTPRequest) {
        let name = "\(request.endpoint)"
        guard allowed.contains(name) else {
            log.append("denied \(name)")
            exchange.refuse(ProxyRefusal(denied: request.endpoint, .notAllowed))
            return
        }
        log.append("allowed \(name)")
        let isNew = connected != request.endpoint
        connected = request.endpoint
        exchange.allow(onNewConnection: isNew)
    }
}
