import Linux
import Network
import TestSupport
import Testing

@testable import Profile

@Suite("A repository's file only narrows the network")
struct NetworkNarrowingTests {
    private func narrowed(_ user: String, _ repository: String) throws -> [String] {
        NetworkLayerTests.lines(
            try TestHost().policy(
                of: "version: 1\nnetwork: {\(user)}\n",
                repository: "version: 1\nnetwork: {\(repository)}\n"))
    }

    @Test(
        "host by host and port by port",
        arguments: [
            ("a.example, b.example", "b.example, c.example", ["allow b.example:443 tls"]),
            ("a.example", "", []),
            ("\"*.example.com\"", "api.example.com", ["allow api.example.com:443 tls"]),
            ("api.example.com", "\"*.example.com\"", ["allow api.example.com:443 tls"]),
            ("\"*.example.com\"", "\"*.sub.example.com\"", ["allow *.sub.example.com:443 tls"]),
            ("\"*.sub.example.com\"", "\"*.example.com\"", ["allow *.sub.example.com:443 tls"]),
            ("\"*.example.com\"", "example.com", []), ("example.com", "\"*.example.com\"", []),
            ("\"*.example.com\"", "\"*.example.org\"", []),
            ("\"a.example:22\"", "a.example", []),
            (
                "{host: a.example, ports: [22, 443, 80]}", "{host: a.example, ports: [80, 443]}",
                ["allow a.example:443,80 tls"]
            ),
            (
                "{address: 10.0.0.1, ports: [80]}", "{address: 10.0.0.1, ports: [80]}",
                ["allow 10.0.0.1:80 http"]
            ),
            ("{address: 10.0.0.1, ports: [80]}", "{address: 10.0.0.2, ports: [80]}", []),
        ] as [(String, String, [String])])
    func hosts(user: String, repository: String, expected: [String]) throws {
        #expect(try narrowed("allow: [\(user)]", "allow: [\(repository)]") == expected)
    }

    @Test(
        "with the narrower protocol and addresses; what the file leaves out is no opinion",
        arguments: [
            ("{host: a.example, protocol: tcp}", "a.example", ["allow a.example:443 tcp"]),
            (
                "{host: a.example, protocol: tcp}", "{host: a.example, protocol: tls}",
                ["allow a.example:443 tls"]
            ),
            (
                "{host: a.example, protocol: tls}", "{host: a.example, protocol: tcp}",
                ["allow a.example:443 tls"]
            ),
            (
                "{host: a.example, protocol: auto}", "{host: a.example, protocol: tls}",
                ["allow a.example:443 tls"]
            ),
            (
                "{host: a.example, protocol: tcp}", "{host: a.example, protocol: auto}",
                ["allow a.example:443 auto"]
            ),
            ("{host: a.example, addresses: private}", "a.example", ["allow a.example:443 tls private"]),
            (
                "{host: a.example, addresses: private}", "{host: a.example, addresses: public}",
                ["allow a.example:443 tls"]
            ),
            ("a.example", "{host: a.example, addresses: private}", ["allow a.example:443 tls"]),
            // Nothing passes both; said as a denial, because the wildcard would decide otherwise.
            (
                "{host: a.example, protocol: tls}", "{host: a.example, ports: [443], protocol: http}",
                ["deny a.example:443"]
            ),
            (
                "{host: \"*.a.example\", protocol: tcp}, b.a.example",
                "\"*.a.example\", {host: b.a.example, ports: [443], protocol: http}",
                ["allow *.a.example:443 tcp", "deny b.a.example:443"]
            ),
            // The nearest line of each side counts.
            (
                "{host: \"*.a.example\", protocol: tcp}, b.a.example", "\"*.a.example\"",
                ["allow *.a.example:443 tcp", "allow b.a.example:443 tls"]
            ),
            (
                "{host: \"*.a.example\", protocol: tcp}",
                "\"*.a.example\", {host: b.a.example, protocol: tls}",
                ["allow *.a.example:443 tcp", "allow b.a.example:443 tls"]
            ),
        ] as [(String, String, [String])])
    func strictness(user: String, repository: String, expected: [String]) throws {
        #expect(try narrowed("allow: [\(user)]", "allow: [\(repository)]") == expected)
    }

    @Test("denials unite, and no list is no opinion")
    func denies() throws {
        #expect(
            try narrowed(
                "allow: [a.example], deny: [x.example], loopback: {connect: [80]}", "deny: [a.example]")
                == ["allow a.example:443 tls", "deny x.example", "deny a.example", "loopback 80"])
    }

    @Test("a line that remains as it is stays the user's, another is the file's")
    func origins() throws {
        let policy = try TestHost().policy(
            of:
                "version: 1\nnetwork: {allow: [a.example, \"*.b.example\", {host: c.example, protocol: tcp}]}\n",
            repository:
                "version: 1\nnetwork: {allow: [a.example, x.b.example, {host: c.example, protocol: tls}]}\n")
        #expect(
            policy.network.allow.map { "\($0.value.target) \($0.origin.authority)" }.sorted()
                == ["a.example user", "c.example repository", "x.b.example repository"])
        #expect(policy.network.narrowing?.description == "/home/kim/src/app/.mews.yaml:2:18")
    }

    @Test(
        "so that nothing is reached, by any protocol, that the user alone doesn't reach", arguments: 0..<300)
    func property(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let user = Self.profile(&random, isRepository: false)
        let repository = Self.profile(&random, isRepository: true)
        let host = try TestHost()
        let alone = NetworkDecision(try host.policy(of: user).network.settings)
        let both = NetworkDecision(try host.policy(of: user, repository: repository).network.settings)
        let silent = try host.policy(of: user, repository: "version: 1\n")
        #expect(try silent.canonicalForm == host.policy(of: user).canonicalForm)
        // What the file alone says, with nothing left out.
        let theirs = try host.policy(of: repository).network
        let hasList = repository.contains("allow:")
        for text in Self.hosts {
            let host = try #require(RequestedHost(socks: Array(text.utf8)))
            for port in Self.ports {
                let place = "\(text):\(port)\n\(user)\n\(repository)"
                guard case .allowed(let after) = both.decide(host, port: port) else { continue }
                guard case .allowed(let before) = alone.decide(host, port: port) else {
                    Issue.record("reached with the file alone: \(place)")
                    continue
                }
                let isNarrower = NetworkIntersection.narrower(before.check, after.check) == after.check
                #expect(isNarrower, "\(before.check) became \(after.check): \(place)")
                if case (.resolve(false), .resolve(true)) = (before.reach, after.reach) {
                    Issue.record("private addresses by the file: \(place)")
                }
                if hasList, port != 5432 || !text.hasPrefix("127") {
                    guard case .allowed = NetworkDecision(theirs.settings).decide(host, port: port) else {
                        Issue.record("the file's list doesn't have it: \(place)")
                        continue
                    }
                }
            }
        }
    }

    private static let hosts = [
        "a.example", "b.a.example", "c.b.a.example", "d.c.b.a.example", "10.0.0.1", "127.0.0.1", "x.test",
    ]
    private static let ports: [UInt16] = [80, 443, 5432]

    private static func profile(_ random: inout SplitMix, isRepository: Bool) -> String {
        var rules: [String] = []
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let names = [
                "a.example", "*.a.example", "b.a.example", "*.b.a.example", "c.b.a.example",
                "*.c.b.a.example",
            ]
            let ports = ports.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
            var rule = "ports: [\(ports.map { "\($0)" }.joined(separator: ", "))]"
            let words = ["tls", "http", "tcp", "auto"]
            if Bool.random(using: &random) {
                rule += ", protocol: \(words.randomElement(using: &random) ?? "")"
            }
            if Int.random(in: 0..<6, using: &random) == 0 {
                rules.append("{address: 10.0.0.1, \(rule)}")
                continue
            }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: rule += ", addresses: private"
            case 1: rule += ", addresses: public"
            default: break
            }
            rules.append("{host: \"\(names.randomElement(using: &random) ?? "")\", \(rule)}")
        }
        var network: [String] = []
        if !isRepository || Int.random(in: 0..<4, using: &random) > 0 {
            network.append("allow: [\(rules.joined(separator: ", "))]")
        }
        if Int.random(in: 0..<3, using: &random) == 0 {
            network.append("deny: [\"*.b.a.example:443\", 10.0.0.1]")
        }
        if !isRepository, Bool.random(using: &random) { network.append("loopback: {connect: [5432]}") }
        if !isRepository, Bool.random(using: &random) { network.append("hosts: {b.a.example: 10.0.0.1}") }
        return "version: 1\nnetwork: {\(network.joined(separator: ", "))}\n"
    }
}
