import Linux
import Network
import Testing

@testable import Egress

@Suite("A refusal says what, why, and what to do about it")
struct ProxyRefusalTests {
    private static func text(_ refusal: ProxyRefusal, closes: Bool = true, hasBody: Bool = true) -> String {
        String(decoding: refusal.encoded(closes: closes, hasBody: hasBody), as: UTF8.self)
    }

    private static func endpoint(_ text: String) throws -> RequestedEndpoint {
        try #require(RequestedEndpoint(authority: Array(text.utf8)))
    }

    @Test("host, port, rule, the line that would allow it")
    func denied() throws {
        let endpoint = try Self.endpoint("api.evil.com:443")
        let text = Self.text(ProxyRefusal(denied: endpoint, .denied, origin: "team.yaml:14"))
        #expect(text.hasPrefix("HTTP/1.1 403 Forbidden\r\nX-Mews-Denied: denied\r\n"))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(
            text.contains(
                "mews: api.evil.com:443 was denied: a line of network.deny names it (team.yaml:14).\n"))
        #expect(!text.contains("would allow"))
        let allow = Self.text(ProxyRefusal(denied: endpoint, .notAllowed))
        #expect(allow.contains("api.evil.com"))
        #expect(allow.contains("network: {allow: ["))
    }

    @Test("every reason has a status and a sentence, and the length is right")
    func reasons() throws {
        for host in ["example.com:80", "[fd00::1]:80", "10.0.0.1:80"] {
            for reason in NetworkReason.allCases {
                let refusal = ProxyRefusal(
                    denied: try Self.endpoint(host), reason, address: IPAddress("10.0.0.7"))
                let text = Self.text(refusal)
                let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
                #expect(parts.count == 2)
                #expect(parts[0].contains("\r\nContent-Length: \(parts[1].utf8.count)"))
                #expect(parts[0].contains("X-Mews-Denied: \(reason.word)"))
                #expect(parts[1].allSatisfy { $0 != "\r" })
                #expect(Self.text(refusal, hasBody: false).hasSuffix("\r\n\r\n"))
            }
        }
    }

    @Test("each malformation has its own sentence")
    func malformations() {
        var seen: Set<String> = []
        for malformation in HTTPMalformation.allCases {
            #expect(seen.insert(malformation.sentence).inserted)
            let text = Self.text(ProxyRefusal(malformed: malformation, malformation.reason))
            #expect(
                text.hasPrefix("HTTP/1.1 400 Bad Request\r\nX-Mews-Denied: \(malformation.reason.word)\r\n"))
        }
    }

    @Test("what isn't denied isn't said to be")
    func unreachable() throws {
        let endpoint = try Self.endpoint("example.com:80")
        let refused = Self.text(ProxyRefusal(unreachable: endpoint, cause: "Connection refused"))
        #expect(refused.hasPrefix("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain"))
        #expect(refused.contains("example.com:80 is allowed, and couldn't be reached: Connection refused.\n"))
        let late = Self.text(ProxyRefusal(unreachable: endpoint, cause: "timed out", isTimeout: true))
        #expect(late.hasPrefix("HTTP/1.1 504 "))
    }

    @Test("nothing in it acts on a terminal or begins a line")
    func hostile() throws {
        let endpoint = try Self.endpoint("example.com:80")
        let text = Self.text(
            ProxyRefusal(unreachable: endpoint, cause: "\u{1b}[2J\r\nmews: allowed\u{202e}"))
        #expect(text.contains("\\x1b[2J\\x0d\\x0amews: allowed\\xe2\\x80\\xae"))
    }
}
