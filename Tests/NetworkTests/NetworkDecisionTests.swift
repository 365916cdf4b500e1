import Linux
import Network
import Testing

@Suite("What the lines of a policy let through")
struct NetworkDecisionTests {
    static func settings() throws -> DoorSettings {
        var settings = DoorSettings()
        settings.allow = [
            try rule("api.example.com", 443),  // 0
            try rule("*.example.org", 443, 80),  // 1
            try rule("git.example.org", 22),  // 2
            try rule("*.deep.example.org", 443, check: .tcp),  // 3
            try rule("exact.deep.example.org", 443, check: .tls),  // 4
            try rule("db.corp.example", 5432, allowsPrivate: true),  // 5
            try rule("10.2.3.4", 6379, check: .tcp),  // 6
            try rule("169.254.169.254", 80, check: .tcp),  // 7
            try rule("twice.example.com", 443),  // 8
            try rule("twice.example.com", 443, check: .tcp, allowsPrivate: true),  // 9
            try rule("*.bucket.example.net", 443),  // 10
            try rule("odd.example.com", 8443),  // 11
            try rule("metadata.google.internal", 80),  // 12
            try rule("fixed.example.com", 5432),  // 13
            try rule("imds.example.com", 80, allowsPrivate: true),  // 14
            try rule("[2001:db8::5]", 443),  // 15
            try rule("blocked.example.com", 443),  // 16
        ]
        settings.deny = [
            NetworkDenial(try target("gist.example.org")),  // 0
            NetworkDenial(try target("*.private.example.org")),  // 1
            NetworkDenial(try target("odd.example.com"), port: 8443),  // 2
            NetworkDenial(try target("api.example.com"), port: 80),  // 3
            NetworkDenial(try target("93.184.216.34")),  // 4
            NetworkDenial(try target("93.184.216.35"), port: 80),  // 5
        ]
        settings.hosts = [
            try fixed("fixed.example.com", "127.0.0.1"),
            try fixed("unlisted.example.com", "10.0.0.9"),
            try fixed("imds.example.com", "169.254.169.254"),
            try fixed("blocked.example.com", "93.184.216.34"),
        ]
        settings.loopback = [5432, 8080]
        return settings
    }

    private static func fixed(_ name: String, _ address: String) throws -> DoorSettings.FixedHost {
        DoorSettings.FixedHost(try #require(DomainName(name)), try #require(IPAddress(address)))
    }

    private static func target(_ text: String) throws -> NetworkRule.Target {
        if text.hasPrefix("*.") { return .below(try #require(DomainName(text.dropFirst(2)))) }
        switch try #require(RequestedHost(Array(text.utf8))) {
        case .name(let name): return .exact(name)
        case .address(let address): return .address(address)
        }
    }

    private static func rule(
        _ text: String, _ ports: UInt16..., check: NetworkRule.ProtocolCheck? = nil,
        allowsPrivate: Bool = false
    ) throws -> NetworkRule {
        NetworkRule(try target(text), ports: ports, protocolCheck: check, allowsPrivate: allowsPrivate)
    }

    let decision: NetworkDecision

    init() throws {
        decision = NetworkDecision(try Self.settings())
    }

    /// `allow 3 tcp`, `deny port 2`, in words that a table holds.
    private func answer(_ text: String) throws -> String {
        let endpoint = try #require(RequestedEndpoint(authority: Array(text.utf8)))
        switch decision.decide(endpoint.host, port: endpoint.port) {
        case .allowed(let permission):
            #expect(permission.port == endpoint.port)
            let reach =
                switch permission.reach {
                case .resolve(let allowsPrivate): allowsPrivate ? " private" : ""
                case .fixed(let address): " \(address)"
                }
            return "\(permission.rule.list) \(permission.rule.index) \(permission.check)\(reach)"
        case .denied(let reason, let rule):
            return ([reason.word] + (rule.map { ["\($0.list) \($0.index)"] } ?? [])).joined(separator: " ")
        }
    }

    @Test(
        "by the nearest line that names the host and the port",
        arguments: [
            ("api.example.com:443", "allow 0 tls"), ("API.Example.com.:443", "allow 0 tls"),
            ("api.example.com:8080", "port allow 0"), ("notapi.example.com:443", "not-allowed"),
            ("api.example.com.evil.com:443", "not-allowed"), ("example.com:443", "not-allowed"),
            ("example.org:443", "not-allowed"), ("www.example.org:443", "allow 1 tls"),
            ("a.b.c.example.org:80", "allow 1 http"), ("notexample.org:443", "not-allowed"),
            ("git.example.org:22", "allow 2 auto"), ("git.example.org:443", "allow 1 tls"),
            ("git.example.org:23", "port allow 2"), ("x.deep.example.org:443", "allow 3 tcp"),
            ("x.deep.example.org:80", "allow 1 http"), ("exact.deep.example.org:443", "allow 4 tls"),
            ("deep.example.org:443", "allow 1 tls"), ("db.corp.example:5432", "allow 5 auto private"),
            ("twice.example.com:443", "allow 9 tcp private"), ("_dmarc.example.org:443", "allow 1 tls"),
        ])
    func allow(text: String, expected: String) throws {
        #expect(try answer(text) == expected)
    }

    @Test(
        "a denial wins over every line that allows",
        arguments: [
            ("gist.example.org:443", "denied deny 0"), ("GIST.example.org.:80", "denied deny 0"),
            ("x.gist.example.org:443", "allow 1 tls"), ("a.private.example.org:443", "denied deny 1"),
            ("private.example.org:443", "allow 1 tls"), ("odd.example.com:8443", "denied deny 2"),
            ("odd.example.com:443", "port allow 11"), ("api.example.com:80", "denied deny 3"),
            ("gist.example.org:9999", "denied deny 0"), ("93.184.216.34:443", "denied deny 4"),
            ("93.184.216.35:80", "denied deny 5"), ("93.184.216.35:443", "address-literal"),
            // The address of a name in `hosts` is looked at as a resolved one is.
            ("blocked.example.com:443", "denied deny 4"),
        ])
    func deny(text: String, expected: String) throws {
        #expect(try answer(text) == expected)
    }

    @Test(
        "an address only by a line that names it, in every writing of it",
        arguments: [
            ("10.2.3.4:6379", "allow 6 tcp 10.2.3.4"), ("[::ffff:10.2.3.4]:6379", "allow 6 tcp 10.2.3.4"),
            ("[::ffff:a02:304]:6379", "allow 6 tcp 10.2.3.4"), ("10.2.3.4:6380", "port allow 6"),
            ("10.2.3.5:6379", "address-literal"), ("8.8.8.8:443", "address-literal"),
            ("[2001:db8::5]:443", "allow 15 tls 2001:db8::5"), ("[2001:db8::6]:443", "address-literal"),
            ("[::10.2.3.4]:6379", "address-literal"), ("[64:ff9b::10.2.3.4]:6379", "address-literal"),
            ("0.0.0.0:80", "address-literal"), ("[::]:80", "address-literal"),
            ("169.254.169.254:80", "allow 7 tcp 169.254.169.254"), ("169.254.169.254:443", "port allow 7"),
            ("169.254.170.2:80", "metadata"), ("[fd00:ec2::254]:80", "metadata"),
            ("[::ffff:100.100.100.200]:80", "metadata"), ("168.63.129.16:80", "metadata"),
        ])
    func addresses(text: String, expected: String) throws {
        #expect(try answer(text) == expected)
    }

    @Test(
        "metadata never by a name, whatever allows it",
        arguments: [
            ("metadata.google.internal:80", "metadata"), ("Metadata.Google.Internal.:80", "metadata"),
            ("imds.example.com:80", "metadata allow 14"),
        ])
    func metadata(text: String, expected: String) throws {
        #expect(try answer(text) == expected)
    }

    @Test(
        "`hosts` gives the address and its permission, but not the host itself",
        arguments: [
            ("fixed.example.com:5432", "allow 13 auto 127.0.0.1"),
            ("fixed.example.com:5433", "port allow 13"),
            ("unlisted.example.com:443", "not-allowed"),
        ])
    func hosts(text: String, expected: String) throws {
        #expect(try answer(text) == expected)
    }

    @Test(
        "the loopback by its own list, by whatever name",
        arguments: [
            ("127.0.0.1:5432", "loopback 0 tcp 127.0.0.1"), ("127.9.9.9:8080", "loopback 1 tcp 127.0.0.1"),
            ("[::1]:8080", "loopback 1 tcp 127.0.0.1"), ("localhost:8080", "loopback 1 tcp 127.0.0.1"),
            ("x.localhost:8080", "loopback 1 tcp 127.0.0.1"), ("localhost:81", "loopback-port"),
            ("127.0.0.1:3128", "loopback-port"), ("[::ffff:127.0.0.1]:22", "loopback-port"),
        ])
    func loopback(text: String, expected: String) throws {
        #expect(try answer(text) == expected)
    }

    /// Found by reading: a direct connection to the loopback asked for no denial, and the proxy did.
    @Test(
        "a denial of the loopback holds by whatever name and address it is asked for",
        arguments: ["localhost", "127.0.0.1", "::1"])
    func deniedLoopback(text: String) throws {
        var settings = DoorSettings()
        settings.loopback = [5432, 8080]
        let host = try #require(RequestedHost(socks: Array(text.utf8)))
        let target: NetworkRule.Target =
            switch host {
            case .name(let name): .exact(name)
            case .address(let address): .address(address)
            }
        settings.deny = [NetworkDenial(target, port: 5432)]
        let decision = NetworkDecision(settings)
        let verdict = NetworkVerdict.denied(.denied, RuleReference(.deny, 0))
        #expect(decision.decide(loopbackPort: 5432) == verdict)
        for asked in ["localhost", "x.localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            let asked = try #require(RequestedHost(socks: Array(asked.utf8)))
            #expect(decision.decide(asked, port: 5432) == verdict)
            guard case .allowed = decision.decide(asked, port: 8080) else {
                Issue.record("\(asked):8080 is denied too")
                continue
            }
        }
    }

    @Test("nothing listed: nothing let through")
    func nothing() throws {
        let decision = NetworkDecision(DoorSettings())
        for host in ["example.com", "10.0.0.1", "[::1]", "localhost", "metadata.google.internal"] {
            guard case .denied = decision.decide(try #require(RequestedHost(Array(host.utf8))), port: 443)
            else {
                Issue.record("\(host) is let through")
                continue
            }
        }
    }

    @Test(
        "a name is answered when some port of it can be reached",
        arguments: [
            ("api.example.com", "allowed"), ("a.b.example.org", "allowed"), ("example.org", "not-allowed"),
            ("gist.example.org", "denied deny 0"), ("odd.example.com", "denied deny 2"),
            ("unlisted.example.com", "not-allowed"), ("fixed.example.com", "allowed"),
            ("metadata.google.internal", "metadata"), ("metadata.goog", "metadata"),
            ("blocked.example.com", "denied deny 4"), ("secret.attacker.example", "not-allowed"),
            ("x.private.example.org", "denied deny 1"), ("imds.example.com", "metadata allow 14"),
        ])
    func names(text: String, expected: String) throws {
        switch decision.mayAsk(try #require(DomainName(text))) {
        case .allowed: #expect(expected == "allowed")
        case .denied(let reason, let rule):
            let words = [reason.word] + (rule.map { ["\($0.list) \($0.index)"] } ?? [])
            #expect(words.joined(separator: " ") == expected)
        }
    }
}
