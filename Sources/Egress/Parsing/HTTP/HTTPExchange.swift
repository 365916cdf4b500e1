internal import Network

/// One connection of a program on which HTTP request follows request, each judged on its own.
///
/// Nothing is read or written here: the caller hands over what came from either side, and carries out what ``next()``
/// says. A request is sent on only after ``allow(onNewConnection:)``, from what was read and not from what came, and
/// the next one is looked at only when its response is complete: what the door took for one request is one to the
/// server.
struct HTTPExchange: Sendable {
    /// How the program came.
    enum Kind: Hashable, Sendable {
        /// To the proxy: CONNECT, and URLs of http to any host.
        case proxy
        /// To an address, at this port: paths, with the host in a field.
        case transparent(port: UInt16)
    }

    /// What is to be done next.
    enum Action: Hashable, Sendable {
        /// Decide about a request, record it and have a connection to its endpoint; then `allow` or `refuse`.
        case judge(HTTPRequest)
        /// What came isn't a request; record it, then `refuse`.
        case malformed(HTTPMalformation, NetworkReason)
        /// What the server sent isn't an answer; `refuse`.
        case badGateway(HTTPMalformation)
        /// Send to the server.
        case toUpstream([UInt8])
        /// Send to the program.
        case toClient([UInt8])
        /// Answer ``HTTPExchange/established``; from here on it is a tunnel, and this is what came of it already.
        case tunnel(early: [UInt8])
        /// From here on it is a tunnel; what came of it already was sent.
        case relay
        /// Close the connection to the server. The program's goes on.
        case closeUpstream
        /// Send what is to be sent, and close both.
        case close
    }

    private enum Phase: Sendable {
        /// Before or within a request's head.
        case head
        /// A judgement is awaited.
        case judging
        /// A refusal is awaited, after which nothing follows.
        case failed
        /// A request was let through.
        case exchanging
        /// There is nothing to do here any more.
        case ended
    }

    /// The answer to CONNECT.
    static let established = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
    /// The most interim answers before one that counts.
    static let mostInterim = 16

    private let kind: Kind
    private var phase = Phase.head
    private var control: Action?

    private var fromClient: [UInt8] = []
    private var clientHasEnded = false
    private var toUpstream: [UInt8] = []
    private var requestReader = HeadReader(most: HeadReader.mostRequestBytes)
    private var request: RequestHead?
    private var requestHead: [UInt8] = []
    private var requestBody = BodyReader(.none)

    private var fromUpstream: [UInt8] = []
    private var upstreamHasEnded = false
    private var upstreamIsUsed = false
    private var toClient: [UInt8] = []
    private var responseReader = HeadReader(most: HeadReader.mostResponseBytes)
    private var responseBody: BodyReader?
    private var upstreamPersists = true
    private var closesAfter = false
    private var interim = 0

    /// Begins before the first request.
    init(_ kind: Kind) {
        self.kind = kind
    }
}

/// A request that awaits its judgement.
struct HTTPRequest: Hashable, Sendable {
    /// Whom it is for; where no port is written, the one of the connection or 80.
    var endpoint: RequestedEndpoint
    /// Its method.
    var method: [UInt8]
    /// Whether it asks for a tunnel.
    var isConnect: Bool
    /// Whether it asks for a WebSocket.
    var isWebSocket: Bool
}

extension HTTPExchange {
    /// Whether the program is to be read: otherwise what it sends stays where it is, so that nothing piles up here.
    var wantsClient: Bool {
        switch phase {
        case .head: !clientHasEnded
        case .exchanging: !requestBody.isComplete && !clientHasEnded
        case .judging, .failed, .ended: false
        }
    }

    /// Whether the server is to be read.
    var wantsUpstream: Bool {
        switch phase {
        case .head, .exchanging: !upstreamHasEnded
        case .judging, .failed, .ended: false
        }
    }

    /// Whether a head has begun and isn't complete.
    var isReadingHead: Bool { if case .head = phase { !requestReader.isEmpty } else { false } }

    /// Whether it is between two requests.
    var isIdle: Bool { if case .head = phase { requestReader.isEmpty } else { false } }

    /// Takes what came from the program.
    mutating func client(_ bytes: some Sequence<UInt8>) { fromClient += bytes }

    /// The program sends no more.
    mutating func clientEnded() { clientHasEnded = true }

    /// Takes what came from the server.
    mutating func upstream(_ bytes: some Sequence<UInt8>) { fromUpstream += bytes }

    /// The server sends no more, or the connection to it broke.
    mutating func upstreamEnded() { upstreamHasEnded = true }

    /// What is to be done next; nil when that depends on what comes, or on a judgement.
    mutating func next() -> Action? {
        while true {
            if !toUpstream.isEmpty {
                defer { toUpstream = [] }
                return .toUpstream(toUpstream)
            }
            if !toClient.isEmpty {
                defer { toClient = [] }
                return .toClient(toClient)
            }
            if let control {
                self.control = nil
                return control
            }
            guard advance() else { return nil }
        }
    }

    /// Lets the request through that was to be judged.
    ///
    /// - Parameter isNew: whether the connection to its endpoint was made for it, rather than kept from the one
    ///   before.
    mutating func allow(onNewConnection isNew: Bool) {
        guard case .judging = phase, let request else { return }
        if request.isConnect {
            control = .tunnel(early: fromClient)
            fromClient = []
            phase = .ended
            return
        }
        if isNew {
            fromUpstream = []
            upstreamHasEnded = false
        }
        upstreamIsUsed = !isNew
        toUpstream = requestHead
        requestHead = []
        requestBody = BodyReader(request.length)
        responseReader = HeadReader(most: HeadReader.mostResponseBytes)
        responseBody = nil
        interim = 0
        phase = .exchanging
        // What came of the body goes with the head.
        _ = forwardRequest()
    }

    /// Answers in the server's place. The connection goes on where it is certain what follows.
    mutating func refuse(_ refusal: ProxyRefusal) {
        switch phase {
        case .judging:
            let closes = closesAfterRefusal
            toClient = refusal.encoded(closes: closes, hasBody: request?.isHead != true)
            if closes { end(.close) } else { awaitRequest() }
        case .failed:
            toClient = refusal.encoded(closes: true, hasBody: request?.isHead != true)
            end(.close)
        case .head, .exchanging, .ended: break
        }
    }

    /// A body that nobody takes would be read as the next request, and so would what a client sends into a tunnel
    /// before it has one.
    private var closesAfterRefusal: Bool {
        guard let request, request.persists, request.length == .none || request.length == .bytes(0) else {
            return true
        }
        return request.isConnect && !fromClient.isEmpty && FirstBytes.classify(fromClient[...]) != .http
    }
}

extension HTTPExchange {
    /// Goes a step on; false when there is none.
    private mutating func advance() -> Bool {
        switch phase {
        case .head: readRequest()
        case .exchanging: forwardRequest() || forwardResponse()
        case .judging, .failed, .ended: false
        }
    }

    private mutating func end(_ action: Action) {
        control = action
        phase = .ended
        fromClient = []
        fromUpstream = []
    }

    private mutating func fail(_ action: Action) {
        control = action
        phase = .failed
    }

    private mutating func awaitRequest() {
        requestReader = HeadReader(most: HeadReader.mostRequestBytes)
        request = nil
        requestHead = []
        closesAfter = false
        phase = .head
    }

    private mutating func readRequest() -> Bool {
        // Nobody asked: a server that is about to close says so, or it answers what wasn't asked.
        if !fromUpstream.isEmpty || upstreamHasEnded {
            fromUpstream = []
            upstreamHasEnded = false
            if kind == .proxy { control = .closeUpstream } else { end(.close) }
            return true
        }
        if fromClient.isEmpty {
            if clientHasEnded { end(.close) }
            return clientHasEnded
        }
        do {
            fromClient.removeFirst(try requestReader.read(fromClient[...]))
            if requestReader.isComplete { try takeRequest(RequestHead(requestReader.lines)) }
        } catch {
            fail(.malformed(error, reason(for: error)))
        }
        return true
    }

    private mutating func takeRequest(_ head: RequestHead) throws(HTTPMalformation) {
        request = head
        switch (kind, head.target) {
        case (.proxy, .origin), (.proxy, .asterisk): throw .originFormAtProxy
        case (.transparent, .authority): throw .connectToOrigin
        default: break
        }
        if head.isConnect {
            // It isn't sent on, and is judged as if it were.
            _ = try head.fields.ofConnection()
        } else {
            requestHead = try head.forwarded()
        }
        requestReader = HeadReader(most: HeadReader.mostRequestBytes)
        phase = .judging
        var port: UInt16 = 80
        if case .transparent(let own) = kind { port = own }
        control = .judge(
            HTTPRequest(
                endpoint: RequestedEndpoint(head.authority.host, head.authority.port ?? port),
                method: head.method, isConnect: head.isConnect, isWebSocket: head.isWebSocket))
    }

    /// Whether it was a bad request or none at all. At the proxy no rule expects HTTP, so there it is always the former.
    private func reason(for malformation: HTTPMalformation) -> NetworkReason {
        guard case .transparent = kind, request == nil, malformation.reason == .malformedRequest else {
            return malformation.reason
        }
        return switch FirstBytes.classify(requestReader.bytes[...]) {
        case .tls, .other: .notHTTP
        // The first byte of TLS is enough not to be HTTP.
        case .undecided where requestReader.bytes.first == 0x16: .notHTTP
        case .http, .undecided: .malformedRequest
        }
    }

    private mutating func forwardRequest() -> Bool {
        guard !requestBody.isComplete else { return false }
        if fromClient.isEmpty {
            // What was begun can't be completed.
            if clientHasEnded { end(.close) }
            return clientHasEnded
        }
        do {
            fromClient.removeFirst(try requestBody.read(fromClient[...], into: &toUpstream))
        } catch {
            // The server gets no end of it, and the caller closes the connection to it.
            toUpstream = []
            if responseBody == nil { fail(.malformed(error, error.reason)) } else { end(.close) }
        }
        return true
    }
}

extension HTTPExchange {
    private mutating func forwardResponse() -> Bool {
        if fromUpstream.isEmpty {
            if upstreamHasEnded { endResponse() }
            return upstreamHasEnded
        }
        do {
            if responseBody == nil {
                fromUpstream.removeFirst(try responseReader.read(fromUpstream[...]))
                if responseReader.isComplete { try takeResponse(ResponseHead(responseReader.lines)) }
            } else if var body = responseBody {
                responseBody = BodyReader(.none)
                fromUpstream.removeFirst(try body.read(fromUpstream[...], into: &toClient))
                responseBody = body
                if body.isComplete { finishResponse() }
            }
        } catch {
            failResponse(error)
        }
        return true
    }

    /// Once the head of the answer was sent, there is no other way to say that it is broken than to break off.
    private mutating func failResponse(_ malformation: HTTPMalformation) {
        if responseBody == nil { fail(.badGateway(malformation)) } else { end(.close) }
    }

    private mutating func endResponse() {
        if responseBody?.isUntilEnd == true {
            finishResponse()
        } else if responseBody == nil, upstreamIsUsed, responseReader.isEmpty, interim == 0 {
            // A kept connection that the server closed meanwhile: the client sees what it would see without a door
            // and tries again, if it may.
            end(.close)
        } else {
            failResponse(.endedEarly)
        }
    }

    private mutating func takeResponse(_ head: ResponseHead) throws(HTTPMalformation) {
        guard let request else { throw .statusLine }
        responseReader = HeadReader(most: HeadReader.mostResponseBytes)
        if head.isInterim { return try takeInterim(head, request) }
        if head.status == 101 { return try takeUpgrade(head, request) }
        let length = try head.length(of: request)
        upstreamPersists = head.persists && length != .untilEnd
        closesAfter =
            clientHasEnded || !request.persists || length == .untilEnd
            // Whoever has the answer needn't send the rest of the question, so its end may never come.
            || !requestBody.isComplete || (kind != .proxy && !upstreamPersists)
        toClient += try head.forwarded(length: length, closes: closesAfter)
        let body = BodyReader(length)
        responseBody = body
        if body.isComplete { finishResponse() }
    }

    private mutating func takeInterim(
        _ head: ResponseHead, _ request: RequestHead
    ) throws(HTTPMalformation) {
        interim += 1
        guard interim <= Self.mostInterim else { throw .tooManyInterim }
        // Clients of 1.0 don't know of them (RFC 9110, 15.2).
        guard request.version == .v11 else { return }
        toClient += try head.forwarded(length: .none, closes: false)
    }

    private mutating func takeUpgrade(
        _ head: ResponseHead, _ request: RequestHead
    ) throws(HTTPMalformation) {
        guard request.isWebSocket, head.isWebSocket else { throw .unaskedUpgrade }
        toClient += try head.forwarded(length: .none, closes: false)
        toClient += fromUpstream
        toUpstream += fromClient
        end(.relay)
    }

    private mutating func finishResponse() {
        // What follows an answer without a question isn't taken for the next one.
        let persists = upstreamPersists && fromUpstream.isEmpty && !upstreamHasEnded
        if closesAfter || (kind != .proxy && !persists) {
            end(.close)
            return
        }
        awaitRequest()
        if !persists {
            fromUpstream = []
            upstreamHasEnded = false
            control = .closeUpstream
        }
    }
}
