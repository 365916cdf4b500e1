@testable internal import Egress
internal import Fuzzer
internal import Network

/// A program's bytes and servers' answers on one connection: two bytes that choose, the program's bytes, and after a
/// NUL the answers, parted by RS.
@main
enum FuzzExchange {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzExchange.check(unsafe Fuzzer.bytes(start, count))
            return 0
        }
    }

    private static func check(_ bytes: [UInt8]) {
        guard bytes.count > 2 else { return }
        let kind: HTTPExchange.Kind = bytes[0] & 1 == 0 ? .proxy : .transparent(port: 80)
        let parts = Fuzzer.parts(Array(bytes[2...]), count: 2)
        let answers = parts[1].split(separator: 0x1e, omittingEmptySubsequences: false).map { Array($0) }
        let runs = [1 << 20, Int(bytes[1]) % 64 + 1].map { piece in
            var driver = ExchangeDriver(kind)
            driver.deliver(parts[0], answers, piece: piece, ends: bytes[0] & 2 != 0)
            return driver.run
        }
        Fuzzer.check(runs[0] == runs[1], "it mattered how bytes came:\n\(runs[0])\n\(runs[1])")
        checkRequests(runs[0])
        checkAnswers(runs[0])
        checkJudgement(kind, parts[0])
    }

    /// A server that is as lenient as any reads the requests that were let through, for the hosts that were judged,
    /// and no other.
    private static func checkRequests(_ run: ExchangeRun) {
        for temper in LenientReader.Temper.allCases {
            var reader = LenientReader(run.upstream, temper)
            for (number, judged) in run.passed.enumerated() {
                guard let request = reader.request() else {
                    fatalError("\(temper) reads no request for \(judged) in \(run.upstreamText)")
                }
                Fuzzer.check(
                    RequestedEndpoint(authority: request.host, defaultPort: judged.port) == judged,
                    "\(temper) reads \(String(decoding: request.host, as: UTF8.self)) instead of \(judged)")
                Fuzzer.check(request.isWhole || number == run.passed.count - 1, "\(temper) reads less")
                Fuzzer.check(
                    request.names.allSatisfy { !$0.hasPrefix("proxy-") && !$0.hasPrefix("x-mews-") },
                    "a field for a proxy in \(run.upstreamText)")
            }
            Fuzzer.check(reader.isAtEnd || run.isRelayed, "\(temper) reads more in \(run.upstreamText)")
        }
    }

    /// And a client that is as lenient reads an answer to each request, and no other.
    private static func checkAnswers(_ run: ExchangeRun) {
        for temper in LenientReader.Temper.allCases {
            var reader = LenientReader(run.client, temper)
            for (number, method) in run.answered.enumerated() {
                let isWhole = reader.answer(to: method)
                Fuzzer.check(
                    isWhole || number == run.answered.count - 1,
                    "\(temper) reads no answer \(number) in \(run.clientText)")
            }
            Fuzzer.check(reader.isAtEnd || run.isRelayed, "\(temper) reads more in \(run.clientText)")
        }
    }

    /// Nothing is said or sent before the first judgement, and nothing piles up meanwhile.
    private static func checkJudgement(_ kind: HTTPExchange.Kind, _ bytes: [UInt8]) {
        var exchange = HTTPExchange(kind)
        exchange.client(bytes)
        switch exchange.next() {
        case nil: break
        case .judge, .malformed:
            Fuzzer.check(exchange.next() == nil, "more before the judgement")
            Fuzzer.check(!exchange.wantsClient && !exchange.wantsUpstream, "reads on before the judgement")
        case let action: fatalError("\(String(describing: action)) before a judgement")
        }
    }
}
