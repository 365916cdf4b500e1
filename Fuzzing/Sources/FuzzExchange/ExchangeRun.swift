@testable internal import Egress
internal import Fuzzer
internal import Network

/// What came of an exchange whose actions were carried out as the door does.
struct ExchangeRun: Hashable {
    /// What was sent to servers, one behind the other.
    var upstream: [UInt8] = []
    /// What was sent to the program.
    var client: [UInt8] = []
    /// Whom the requests were for that were let through, CONNECT aside.
    var passed: [RequestedEndpoint] = []
    /// The methods of the requests that were judged, in their order; empty for what was none.
    var answered: [String] = []
    /// What else was to be done.
    var controls: [String] = []

    var upstreamText: String { String(decoding: upstream, as: UTF8.self) }
    var clientText: String { String(decoding: client, as: UTF8.self) }
    var isRelayed: Bool { controls.last == "relay" || controls.last == "tunnel" }

    /// Whether nothing of it is the exchange's any more. Whether a refused CONNECT ends it depends on
    /// what came with it already, so it isn't answered here.
    var isOver: Bool { isRelayed || controls.last == "close" || controls.last == "no tunnel" }
}

/// Delivers a program's bytes, and then to each request that was let through the next of the servers' answers.
struct ExchangeDriver {
    private(set) var run = ExchangeRun()
    private var exchange: HTTPExchange
    private let kind: HTTPExchange.Kind
    /// Whether what is judged next waits until it is known how much of an answer was used.
    private var isAnswering = false
    private var waiting: HTTPExchange.Action?
    /// Whether a request was let through and has no answer yet.
    private var isOpen = false
    /// Where in what was sent to servers that request begins.
    private var begin = 0

    init(_ kind: HTTPExchange.Kind) {
        self.kind = kind
        exchange = HTTPExchange(kind)
    }

    /// Delivers everything.
    ///
    /// - Parameters:
    ///   - bytes: the program's.
    ///   - answers: the servers', one for each request that is let through.
    ///   - piece: how many bytes at once.
    ///   - ends: whether servers close behind their answers.
    mutating func deliver(_ bytes: [UInt8], _ answers: [[UInt8]], piece: Int, ends: Bool) {
        var rest = bytes[...]
        while !rest.isEmpty, !run.isOver {
            exchange.client(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            step()
        }
        var number = 0
        while run.passed.count > number, !run.isOver {
            let answer = number < answers.count ? answers[number] : []
            number += 1
            guard serve(answer[...], piece: piece, ends: ends) else { return }
        }
    }

    /// Delivers an answer; false when nothing can follow.
    private mutating func serve(_ answer: ArraySlice<UInt8>, piece: Int, ends: Bool) -> Bool {
        var rest = answer
        isAnswering = true
        while !rest.isEmpty, !isFinished {
            exchange.upstream(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            step()
        }
        if run.controls.last == "relay" { run.client += rest }
        if ends, !isFinished {
            exchange.upstreamEnded()
            step()
        }
        isAnswering = false
        if run.isOver || !isFinished { return false }
        isOpen = false
        // Too much of an answer is seen at once when it comes at once, and otherwise with the next piece.
        if !rest.isEmpty, kind != .proxy {
            run.controls.append("close")
            return false
        }
        if let action = waiting {
            waiting = nil
            carryOut(action)
            step()
        }
        return true
    }

    private var isFinished: Bool {
        run.isOver || waiting != nil || exchange.isIdle || exchange.isReadingHead
    }

    private mutating func step() {
        while waiting == nil, let action = exchange.next() { carryOut(action) }
    }

    private mutating func carryOut(_ action: HTTPExchange.Action) {
        switch action {
        case .judge, .malformed:
            if isAnswering { waiting = action } else { judge(action) }
        case .badGateway(let malformation):
            run.controls.append("bad gateway \(malformation)")
            guard let endpoint = run.passed.last else { fatalError("nobody was asked") }
            exchange.refuse(ProxyRefusal(badAnswerOf: endpoint, malformation))
        case .toUpstream(let bytes): run.upstream += bytes
        case .toClient(let bytes): run.client += bytes
        case .tunnel: run.controls.append("tunnel")
        case .relay: run.controls.append("relay")
        // Whether there is one depends on how much of an answer came at once.
        case .closeUpstream: break
        case .close: run.controls.append("close")
        }
    }

    /// Every host that begins with an `e` is evil.
    private mutating func judge(_ action: HTTPExchange.Action) {
        switch action {
        case .malformed(let malformation, let reason):
            run.controls.append("malformed \(malformation) \(reason.word)")
            // Not for a body: its request has its place already.
            if isOpen { abandon() } else { run.answered.append("") }
            exchange.refuse(ProxyRefusal(malformed: malformation, reason))
        case .judge(let request):
            run.controls.append("judged \(request.endpoint) \(request.isConnect) \(request.isWebSocket)")
            if request.isConnect, request.endpoint.description.hasPrefix("e") {
                run.controls.append("no tunnel")
                return
            }
            run.answered.append(String(decoding: request.method, as: UTF8.self))
            if request.endpoint.description.hasPrefix("e") {
                exchange.refuse(ProxyRefusal(denied: request.endpoint, .notAllowed))
            } else {
                if !request.isConnect {
                    run.passed.append(request.endpoint)
                    isOpen = true
                    begin = run.upstream.count
                }
                exchange.allow(onNewConnection: true)
            }
        default: break
        }
    }

    /// A body turned out to be none after a part of it was sent: how much depends on how it came, and no server takes
    /// it for a request.
    private mutating func abandon() {
        for temper in LenientReader.Temper.allCases {
            var reader = LenientReader(Array(run.upstream[begin...]), temper)
            Fuzzer.check(reader.request()?.isWhole != true, "\(temper) reads what was refused")
        }
        run.upstream.removeLast(run.upstream.count - begin)
        run.passed.removeLast()
    }
}
