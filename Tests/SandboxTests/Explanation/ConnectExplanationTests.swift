import Linux
import Network
import Profile
import TestSupport
import Testing

@testable import Sandbox

@Suite("Why a host can or can't be reached")
struct ConnectExplanationTests {
    private static let text = """
        version: 1
        network:
          allow:
            - api.example
            - "*.corp.example:5432"
            - {address: 10.2.3.4, ports: [6379], protocol: tcp}
          deny: [x.corp.example]
          hosts: {db.corp.example: 10.9.9.9}
          loopback: {connect: [8080]}
        """

    private func explain(_ text: String, repository: String? = nil) throws -> ConnectExplanation {
        let session = try TestSession(Self.text, repository: repository)
        return ConnectExplanation(
            to: try #require(RequestedEndpoint(authority: Array(text.utf8))), in: session.policy.network)
    }

    @Test(
        "by which line, held to what",
        arguments: [
            ("api.example:443", "network.allow: api.example (/p/base.yaml:4:7)", "tls"),
            ("a.corp.example:5432", "network.allow: *.corp.example:5432 (/p/base.yaml:5:7)", "auto"),
            ("10.2.3.4:6379", "network.allow: 10.2.3.4:6379 (/p/base.yaml:6:7)", "tcp"),
            ("localhost:8080", "network.loopback.connect: 8080 (/p/base.yaml:9:24)", "tcp"),
        ])
    func allowed(text: String, rule: String, check: String) throws {
        let answer = try explain(text)
        #expect(answer.verdict == .allowed)
        #expect(answer.rule?.description == rule)
        #expect(answer.check?.word == check)
        #expect(answer.fix == nil)
        #expect(answer.notes.count == 1 && answer.notes[0].contains("EADDRINUSE"))
    }

    @Test(
        "why not, and what would allow it",
        arguments: [
            ("api.example:22", "/p/base.yaml:4:7", "network: {allow: [\"api.example:22\"]}"),
            ("x.corp.example:5432", "/p/base.yaml:7:10", nil),
            ("evil.example:443", nil, "network: {allow: [\"evil.example\"]}"),
            ("10.2.3.5:80", nil, "network: {allow: [{address: \"10.2.3.5\", ports: [80]}]}"),
            ("127.0.0.1:81", nil, "network: {loopback: {connect: [81]}}"), ("169.254.169.254:80", nil, nil),
            ("metadata.google.internal:80", nil, nil), ("8.8.8.8:53", nil, nil), ("198.18.1.1:443", nil, nil),
        ] as [(String, String?, String?)])
    func denied(text: String, place: String?, fix: String?) throws {
        let answer = try explain(text)
        #expect(answer.verdict == .denied)
        #expect(answer.rule?.origin.description == place)
        #expect(answer.fix == fix)
        #expect(answer.reason.hasSuffix("."))
    }

    @Test(
        "a proposed line is taken, and allows it",
        arguments: ["api.example:22", "evil.example:443", "10.2.3.5:80", "[fd00::5]:443", "127.0.0.1:81"])
    func fixHolds(text: String) throws {
        let endpoint = try #require(RequestedEndpoint(authority: Array(text.utf8)))
        let fix = try #require(try explain(text).fix)
        let session = try TestSession(Self.text, extended: "version: 1\nextends: [./base.yaml]\n\(fix)\n")
        #expect(ConnectExplanation(to: endpoint, in: session.policy.network).verdict == .allowed)
    }

    @Test("no line is proposed that a repository's file would take away again, and it is named")
    func narrowed() throws {
        let answer = try explain(
            "evil.example:443", repository: "version: 1\nnetwork: {allow: [api.example]}\n")
        #expect(answer.fix == nil)
        #expect(answer.reason.contains("/h/w/.mews.yaml:2:18"))
        #expect(try explain("localhost:81", repository: "version: 1\nnetwork: {allow: []}\n").fix != nil)
    }

    @Test("the proxy inside can be connected to")
    func proxy() throws {
        #expect(try explain("127.0.0.1:3128").verdict == .allowed)
        #expect(try explain("[::1]:3128").verdict == .denied)
        #expect(try explain("10.0.0.1:3128").verdict == .denied)
    }
}
