import Audit
import Linux
import Network
import Profile
import Testing

@testable import Supervisor

@Suite("What is said of the network names whom, why, which line, and what to do")
struct NetworkExplanationTests {
    private static func event(
        _ host: String, port: UInt16 = 443, _ reason: NetworkReason? = .notAllowed,
        _ kind: NetworkEvent.Kind = .denied
    ) -> NetworkEvent {
        var event = NetworkEvent(
            kind, .proxy, client: SocketEndpoint(IPAddress(version4: 0x7f00_0001), 40000),
            destination: SocketEndpoint(IPAddress(version4: 0x0a02_0304), port), port: port)
        event.host = Array(host.utf8)
        event.reason = reason
        return event
    }

    private func explanation(of event: NetworkEvent) -> NetworkExplanation {
        NetworkExplanation(of: event, in: NetworkPolicy())
    }

    @Test("a host that no rule names")
    func notAllowed() {
        let found = explanation(of: Self.event("api.evil.com"))
        #expect(
            found.sentence("curl (pid 12)")
                == "curl (pid 12) was refused api.evil.com:443: no rule allows the host.")
        #expect(found.fix == "network: {allow: [\"api.evil.com\"]}")
        #expect(found.rule == .default)
    }

    @Test(
        "the smallest line that would allow it",
        arguments: [
            ("a.example", 443, NetworkReason.notAllowed, "\"a.example\""),
            ("a.example", 22, .port, "\"a.example:22\""),
            ("10.2.3.4", 6379, .addressLiteral, "{address: \"10.2.3.4\", ports: [6379]}"),
            ("", 6379, .noListener, "{address: \"10.2.3.4\", ports: [6379]}"),
            ("[fd00::1]", 443, .addressLiteral, "{address: \"fd00::1\", ports: [443]}"),
            ("fd00::1", 443, .addressLiteral, "{address: \"fd00::1\", ports: [443]}"),
            ("db.corp.example", 443, .privateAddress, "{host: db.corp.example, addresses: private}"),
            (
                "db.corp.example", 5432, .privateAddress,
                "{host: db.corp.example, ports: [5432], addresses: private}"
            ),
            ("a.example", 443, .notTLS, "{host: a.example, ports: [443], protocol: tcp}"),
        ] as [(String, UInt16, NetworkReason, String)])
    func fixes(host: String, port: UInt16, reason: NetworkReason, line: String) {
        let found = explanation(of: Self.event(host, port: port, reason))
        #expect(found.fix == "network: {allow: [\(line)]}")
    }

    @Test("a port of the loopback")
    func loopback() {
        let found = explanation(of: Self.event("localhost", port: 5432, .loopbackPort))
        #expect(found.fix == "network: {loopback: {connect: [5432]}}")
    }

    @Test(
        "no line is proposed where none may, or none would help",
        arguments: [
            ("metadata.google.internal", 443, NetworkReason.metadata),
            ("169.254.169.254", 443, .addressLiteral), ("168.63.129.16", 443, .addressLiteral),
            ("127.0.0.1", 443, .addressLiteral), ("224.0.0.1", 443, .addressLiteral),
            ("198.18.0.9", 443, .addressLiteral), ("198.19.255.9", 443, .noListener),
            ("a.example", 443, .denied), ("a.example", 443, .staleName), ("a.example", 53, .notAllowed),
            ("a\u{0}b", 443, .malformedHost), ("a.example", 443, .malformedRequest),
            ("a.example", 443, .serverNameDiffers), ("a.example", 443, .authorityDiffers),
            ("a.example", 443, .tooSlow), ("a.example", 443, .connectionLimit),
            ("a.example", 443, .ownAddress), ("a.example", 443, .doorLost),
        ] as [(String, UInt16, NetworkReason)])
    func noFix(host: String, port: UInt16, reason: NetworkReason) {
        #expect(explanation(of: Self.event(host, port: port, reason)).fix == nil)
    }

    @Test("datagrams are let through by no line")
    func datagram() {
        var event = Self.event("", port: 4433, .noListener)
        event.isDatagram = true
        let found = explanation(of: event)
        #expect(found.fix == nil)
        #expect(
            found.sentence("x")
                == "x was refused 10.2.3.4:4433 (UDP): only TCP is let through, and questions for names.")
    }

    @Test("a name that isn't resolved")
    func name() {
        let found = explanation(of: Self.event("evil.example", port: 0, .notAllowed, .nameDenied))
        #expect(found.sentence("dig") == "dig asked for the name evil.example: no rule allows the host.")
        #expect(found.fix == "network: {allow: [\"evil.example\"]}")
    }

    @Test("what comes from inside can't act on a terminal, whatever it is")
    func printable() {
        for kind in NetworkEvent.Kind.allCases {
            for reason in NetworkReason.allCases {
                var event = Self.event("\u{1b}[2J\u{202e}", reason, kind)
                event.host += [0xff]
                event.serverName = event.host
                let sentence = explanation(of: event).sentence("x")
                #expect(!sentence.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
                #expect(sentence.hasSuffix("."))
            }
        }
    }

    @Test("the line that decided, with its place")
    func line() throws {
        var policy = NetworkPolicy()
        let name = try #require(DomainName("gist.github.com"))
        let origin = Origin(authority: .user, source: "/p/mine.yaml", line: 7, column: 12)
        policy.deny = [Sourced(NetworkDenial(.below(name), port: 22), origin)]
        var event = Self.event("a.gist.github.com", .denied)
        event.rule = RuleReference(.deny, 0)
        let found = NetworkExplanation(of: event, in: policy)
        #expect(found.rule == AuditedRule(text: "network.deny: *.gist.github.com:22", origin: "\(origin)"))
        // What the door says of lines that aren't there is nothing to rely on.
        event.rule = RuleReference(.hosts, 9)
        #expect(NetworkExplanation(of: event, in: policy).rule == .default)
    }
}
