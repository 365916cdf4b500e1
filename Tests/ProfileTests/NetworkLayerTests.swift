import Linux
import Network
import Testing

@testable import Profile

@Suite("The network's lines of several layers")
struct NetworkLayerTests {
    static func lines(_ policy: Policy) -> [String] {
        let network = policy.network
        return network.allow.map { rule in
            let ports = rule.value.ports.map { "\($0)" }.joined(separator: ",")
            let check = rule.value.check(at: rule.value.ports[0]).word
            return "allow \(rule.value.target):\(ports) \(check)"
                + (rule.value.allowsPrivate ? " private" : "")
        } + network.deny.map { "deny \($0.value.target)" + ($0.value.port.map { ":\($0)" } ?? "") }
            + network.hosts.map { "hosts \($0.value.name) \($0.value.address)" }
            + network.loopback.map { "loopback \($0.value)" }
            + network.unixSockets.map { "unix \($0.pattern.prefix)" }
    }

    private func merged(_ layers: String..., allow: [String] = []) throws -> [String] {
        var host = try TestHost()
        var names: [String] = []
        for (index, layer) in layers.enumerated() {
            names.append("/p/\(index).yaml")
            host.files[names[index]] = "version: 1\nnetwork: {\(layer)}\n"
        }
        return Self.lines(try host.policy(profiles: names) { $0.allow = allow })
    }

    @Test(
        "a line means what its short form says",
        arguments: [
            ("allow: [api.example.com]", ["allow api.example.com:443 tls"]),
            ("allow: [API.Example.COM:8443]", ["allow api.example.com:8443 auto"]),
            ("allow: [\"*.example.com:80\"]", ["allow *.example.com:80 http"]),
            ("allow: [{host: a.example}]", ["allow a.example:443 tls"]),
            (
                "allow: [{host: a.example, ports: [5432, 5433, 5432], addresses: private}]",
                ["allow a.example:5432,5433 auto private"]
            ),
            (
                "allow: [{address: \"::ffff:10.2.3.4\", ports: [6379], protocol: tcp}]",
                ["allow 10.2.3.4:6379 tcp"]
            ),
            (
                "deny: [gist.example, \"a.example:80\", \"[fd00::1]:22\", \"10.0.0.1\"]",
                ["deny gist.example", "deny a.example:80", "deny fd00::1:22", "deny 10.0.0.1"]
            ),
            ("hosts: {a.example: 127.0.0.1}", ["hosts a.example 127.0.0.1"]),
            ("loopback: {connect: [5432, 5432]}", ["loopback 5432"]),
            ("unix: [/run/a.sock, ~/b.sock]", ["unix /run/a.sock", "unix /home/kim/b.sock"]),
            ("allow: [], deny: []", []),
        ] as [(String, [String])])
    func means(text: String, expected: [String]) throws {
        #expect(try merged(text) == expected)
    }

    @Test("lists unite; of what two lines say of the same host and port the later holds")
    func unites() throws {
        #expect(
            try merged(
                "allow: [a.example], deny: [b.example]", "allow: [b.example], deny: [a.example, b.example]")
                == ["allow a.example:443 tls", "allow b.example:443 tls", "deny b.example", "deny a.example"])
        #expect(
            try merged(
                "allow: [{host: a.example, ports: [443, 80]}]", "allow: [{host: a.example, protocol: tcp}]")
                == ["allow a.example:443 tcp", "allow a.example:80 http"])
        #expect(
            try merged(
                "allow: [{host: a.example, protocol: tcp}]", "allow: [{host: a.example, protocol: tls}]")
                == ["allow a.example:443 tls"])
        #expect(
            try merged("hosts: {a.example: 10.0.0.1, b.example: 10.0.0.2}", "hosts: {a.example: 10.0.0.3}")
                == ["hosts a.example 10.0.0.3", "hosts b.example 10.0.0.2"])
        #expect(
            try merged("loopback: {connect: [1]}", "loopback: {connect: [2, 1]}") == [
                "loopback 1", "loopback 2",
            ])
    }

    /// Found while writing: `--allow` of a host that a profile allows with `addresses: private` took that away.
    @Test("what a later line leaves out stays")
    func leavesOut() throws {
        let rule = "allow: [{host: db.example, ports: [5432], addresses: private, protocol: tcp}]"
        #expect(try merged(rule, "allow: [\"db.example:5432\"]") == ["allow db.example:5432 tcp private"])
        #expect(try merged(rule, allow: ["DB.example:5432"]) == ["allow db.example:5432 tcp private"])
        #expect(
            try merged(rule, "allow: [{host: db.example, ports: [5432], addresses: public}]")
                == ["allow db.example:5432 tcp"])
    }

    @Test("--allow is a line like any other, and names itself")
    func option() throws {
        #expect(
            try merged("allow: [a.example]", allow: ["b.example", "c.example:22"])
                == ["allow a.example:443 tls", "allow b.example:443 tls", "allow c.example:22 auto"])
        let policy = try TestHost().policy(of: "version: 1\n") { $0.allow = ["b.example"] }
        #expect(policy.network.allow.map(\.origin.description) == ["--allow"])
        for slip in ["*", "https://a.example", "a.example:0", "10.0.0.1:80", "localhost:80", ""] {
            #expect(try TestHost().messages(of: "version: 1\n") { $0.allow = [slip] }.count == 1, "\(slip)")
        }
    }

    @Test("each line knows its place")
    func origins() throws {
        let policy = try TestHost().policy(
            of: """
                version: 1
                network:
                  allow: [a.example]
                  deny: [b.example]
                  hosts: {c.example: 10.0.0.1}
                  loopback: {connect: [5432]}
                """)
        let network = policy.network
        #expect(network.origin(of: RuleReference(.allow, 0))?.description == "/p/test.yaml:3:11")
        #expect(network.origin(of: RuleReference(.deny, 0))?.description == "/p/test.yaml:4:10")
        #expect(network.origin(of: RuleReference(.hosts, 0))?.description == "/p/test.yaml:5:11")
        #expect(network.origin(of: RuleReference(.loopback, 0))?.description == "/p/test.yaml:6:24")
        #expect(network.origin(of: RuleReference(.allow, 1)) == nil)
    }

    @Test("more ports than can be held are an error, at the last line")
    func tooManyPorts() throws {
        func messages(_ count: Int) throws -> [String] {
            let ports = (1...count).map { "\(20_000 + $0)" }.joined(separator: ", ")
            return try TestHost().messages(
                of: "version: 1\nnetwork:\n  allow: [{host: a.example, ports: [\(ports)]}]\n")
        }
        #expect(try messages(197) == [])
        #expect(
            try messages(198) == [
                "/p/test.yaml:3:11: network.allow and loopback.connect name 198 ports, and at most 197 can be held; "
                    + "name fewer ports"
            ])
    }

    @Test(
        "the canonical form tells whom, at which port and how, and not who wrote it where",
        arguments: [
            ("allow: [a.example, b.example]", "allow: [b.example, a.example]", true),
            ("allow: [a.example]", "allow: [{host: A.example, ports: [443], protocol: tls}]", true),
            ("allow: [a.example]", "allow: [{host: a.example, protocol: tcp}]", false),
            ("allow: [a.example]", "allow: [{host: a.example, addresses: private}]", false),
            ("allow: [a.example]", "allow: [\"a.example:444\"]", false),
            ("allow: [a.example]", "allow: [\"*.a.example\"]", false),
            ("allow: [a.example]", "allow: []", false), ("deny: [a.example]", "deny: []", false),
            ("hosts: {a.example: 10.0.0.1}", "hosts: {a.example: 10.0.0.2}", false),
            ("loopback: {connect: [1]}", "loopback: {connect: [2]}", false),
            ("unix: [/run/a]", "unix: [/run/b]", false), ("unix: [/run/a]", "unix: [{path: /run/a}]", true),
        ] as [(String, String, Bool)])
    func canonicalForm(left: String, right: String, same: Bool) throws {
        func form(_ text: String) throws -> [UInt8] {
            try TestHost().policy(of: "version: 1\nnetwork: {\(text)}\n").canonicalForm
        }
        #expect(try (form(left) == form(right)) == same)
    }
}

@Suite("Sockets of the host")
struct UnixSocketTests {
    private func messages(_ line: String) throws -> [String] {
        try TestHost().messages(of: "version: 1\nnetwork: {unix: [\(line)]}\n")
    }

    @Test(
        "behind which somebody acts as root or with the user's keys need a word more",
        arguments: [
            "/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
            "/run/user/1000/podman/podman.sock", "/run/podman/podman.sock", "/run/systemd/private",
            "/run/systemd/resolve/io.systemd.Resolve", "/run/dbus/system_bus_socket", "/run/user/1000/bus",
            "/run/user/1000/systemd/private", "/run/user/1000/gnupg/S.gpg-agent", "~/.gnupg/S.gpg-agent.ssh",
            "/tmp/ssh-XXXXabc/agent.4711", "/run/user/1000/keyring/ssh", "/run/libvirt/libvirt-sock",
            "/run/snapd.socket", "~/.docker/run/docker.sock", "/srv/odd/place/docker.sock", "~/.ssh/agent/x",
            "/tmp/.X11-unix/X0", "/run/user/1000/wayland-0",
        ])
    func needsUnderstanding(path: String) throws {
        let messages = try messages(path)
        #expect(messages.count == 1 && messages[0].contains("i-understand-this-is-root: true"), "\(messages)")
        #expect(try self.messages("{path: \(path), i-understand-this-is-root: false}").count == 1)
        #expect(try self.messages("{path: \(path), i-understand-this-is-root: true}") == [])
    }

    @Test(
        "others don't",
        arguments: [
            "/run/postgresql/.s.PGSQL.5432", "/run/mysqld/mysqld.sock", "/run/user/1000/some.sock",
            "/tmp/x.sock",
            "/run/dockerish/app.sock", "${workspace}/dev.sock",
        ])
    func isHarmless(path: String) throws {
        #expect(try messages("\"\(path)\"") == [])
    }

    @Test("not where Mews keeps what is its own, and not below a denial")
    func refused() throws {
        #expect(try messages("$XDG_STATE_HOME/mews/x.sock").count == 1)
        #expect(
            try TestHost().messages(
                of: "version: 1\nfilesystem: {deny: [/run/x]}\nnetwork: {unix: [/run/x/y.sock]}\n"
            ).count == 1)
    }

    @Test("a denial of exactly a socket takes it away, also one of a repository's file")
    func denied() throws {
        let user = "version: 1\nnetwork: {unix: [/run/x.sock, /run/y.sock]}\n"
        let policy = try TestHost().policy(
            of: user, repository: "version: 1\nfilesystem: {deny: [/run/x.sock]}\n")
        #expect(policy.network.unixSockets.map(\.pattern.written) == ["/run/y.sock"])
        #expect(policy.fileSystem.skipped.map(\.written) == ["/run/x.sock"])
        #expect(
            try TestHost().messages(of: user, repository: "version: 1\nfilesystem: {deny: [/run]}\n").count
                == 2)
    }
}
