import Linux
import Network
import Testing

@testable import Profile

@Suite("The profiles that are installed with Mews")
struct BuiltInProfileTests {
    @Test(
        "each makes a policy by itself",
        arguments: TestHost.names(in: TestHost.builtInDirectory).filter { $0.hasSuffix(".yaml") }.map {
            String($0.dropLast(5))
        })
    func isSound(name: String) throws {
        let host = try TestHost()
        let policy = try host.policy(profiles: [name])
        #expect(policy.name == name)
    }

    private func grants(_ name: String) throws -> [Grant] {
        try TestHost().policy(profiles: [name]).fileSystem.grants
    }

    @Test("none of them uses deny, or writes outside the workspace and Mews's cache")
    func writeNothing() throws {
        let policy = try TestHost().policy(profiles: ["workspace"])
        #expect(policy.fileSystem.deny.isEmpty)
        #expect(
            policy.fileSystem.grants.filter { $0.access == .write }.map(\.pattern.written) == ["${cache}"])
        #expect(try TestHost().policy(profiles: ["readonly"]).fileSystem.workspace.value == .read)
    }

    @Test("no grant is on or above a credential, a history or an agent's socket, nor lifts one")
    func grantNoSecret() throws {
        let host = try TestHost()
        let floor = CredentialFloor.restrictions(in: try host.context())
        let policy = try host.policy(profiles: ["workspace"])
        #expect(policy.fileSystem.floor.count == floor.count)
        for grant in policy.fileSystem.grants {
            for entry in floor {
                #expect(
                    !grant.pattern.isLiteral || !grant.pattern.prefix.contains(entry.pattern.prefix),
                    "\(grant.pattern.written)")
                #expect(!entry.pattern.covers(grant.pattern.prefix), "\(grant.pattern.written)")
            }
        }
    }

    @Test("of /etc only single entries are granted, none of which Mews makes itself")
    func grantLittleOfEtc() throws {
        let made = ["passwd", "group", "hosts", "resolv.conf", "nsswitch.conf", "hostname", "ssh"].map {
            "/etc/\($0)"
        }
        let granted = try grants("workspace").map(\.pattern)
        for path in try (["/etc", "/", "/home", "/home/kim", "/opt"] + made).map(TestHost.path) {
            #expect(!granted.contains { $0.covers(path) }, "\(path)")
        }
    }

    @Test("no variable is handed on that may hold a secret or make a program load code")
    func passNoSecret() throws {
        let pass = try TestHost().policy(profiles: ["workspace"]).process.pass.map(\.value)
        for name in [
            "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "SSH_AUTH_SOCK", "ANTHROPIC_API_KEY", "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "PYTHONPATH", "NODE_OPTIONS", "BASH_ENV", "ENV", "GIT_SSH_COMMAND", "DBUS_SESSION_BUS_ADDRESS",
            "CLAUDE_CODE_MESSAGING_TOKEN", "NPM_TOKEN", "CARGO_REGISTRY_TOKEN", "RUSTC_WRAPPER",
        ] {
            #expect(!pass.contains { VariableName.covers($0, name) }, "\(name)")
        }
        #expect(pass.contains("PATH") && pass.contains("LC_*"))
    }

    private static let layers: [String: [String]] = [
        "github": [
            "github.com:443", "codeload.github.com:443", "objects.githubusercontent.com:443",
            "release-assets.githubusercontent.com:443", "raw.githubusercontent.com:443",
            "media.githubusercontent.com:443", "github-cloud.githubusercontent.com:443",
        ],
        "npm": ["registry.npmjs.org:443"], "pypi": ["pypi.org:443", "files.pythonhosted.org:443"],
        "crates": ["index.crates.io:443", "static.crates.io:443"],
        "debian": ["deb", "security", "snapshot", "ftp"].flatMap {
            ["\($0).debian.org:80", "\($0).debian.org:443"]
        },
    ]

    /// What each profile lists itself, besides its layers.
    private static let agents: [String: [String]] = [
        "agent": [], "claude-code-command": [],
        "claude-code": ["api.anthropic.com:443", "platform.claude.com:443", "claude.ai:443"],
        "codex": ["api.openai.com:443", "chatgpt.com:443", "auth.openai.com:443"],
        "gemini": [
            "generativelanguage.googleapis.com:443", "cloudcode-pa.googleapis.com:443",
            "oauth2.googleapis.com:443", "accounts.google.com:443",
        ],
    ]

    @Test(
        "each reaches exactly its hosts, by TLS and by HTTP at port 80, and no private address",
        arguments: TestHost.names(in: TestHost.builtInDirectory).filter { $0.hasSuffix(".yaml") })
    func reachNoMore(file: String) throws {
        let name = String(file.dropLast(5))
        var expected = Self.layers[name] ?? Self.agents[name] ?? []
        if Self.agents[name] != nil || name == "ci" {
            let layers = Self.layers.filter { name == "ci" || $0.key != "debian" }
            expected += layers.values.flatMap(\.self)
        }
        let network = try TestHost().policy(profiles: [name]).network
        let reached = network.allow.flatMap { rule in rule.value.ports.map { "\(rule.value.target):\($0)" } }
        #expect(reached.sorted() == expected.sorted())
        for rule in network.allow.map(\.value) {
            #expect(!rule.allowsPrivate)
            for port in rule.ports { #expect(rule.check(at: port) == (port == 80 ? .http : .tls)) }
            guard case .exact = rule.target else {
                Issue.record("\(rule.target) isn't one host")
                continue
            }
        }
        #expect(network.deny.isEmpty && network.hosts.isEmpty && network.loopback.isEmpty)
        #expect(network.unixSockets.isEmpty)
    }

    @Test(
        "an agent's profile adds its own directory to what can be written, and its own keys to what is handed on",
        arguments: [
            ("claude-code", "CLAUDE_CONFIG_DIR", ["ANTHROPIC", "CLAUDE"]),
            ("codex", "CODEX_HOME", ["OPENAI", "CODEX"]),
            ("gemini", "GEMINI_CLI_HOME", ["GEMINI", "GOOGLE_API"]),
        ])
    func agents(name: String, variable: String, prefixes: [String]) throws {
        let policy = try TestHost().policy(profiles: [name])
        let place = "/home/kim/.local/share/mews/agents/\(name)"
        let written = policy.fileSystem.grants.filter { $0.access == .write }
        #expect(
            written.map(\.pattern.prefix.description).sorted() == ["/home/kim/.cache/mews/0123abcd", place])
        #expect(!written.contains { !$0.createsDirectory })
        let value = policy.process.set.first { $0.name == variable }?.value.value
        #expect(value.map { String(decoding: $0, as: UTF8.self) } == place)
        let common = Set(try TestHost().policy(profiles: ["agent", "node"]).process.pass.map(\.value))
        for passed in policy.process.pass.map(\.value) where !common.contains(passed) {
            #expect(prefixes.contains { passed.hasPrefix($0) }, "\(passed)")
        }
        // The state of an agent outside stays the host's.
        let floor = policy.fileSystem.floor.map(\.pattern.written)
        for kept in ["~/.claude", "~/.claude.json", "~/.codex", "~/.gemini", "$XDG_DATA_HOME/mews/agents"] {
            #expect(floor.contains(kept))
            #expect(!policy.fileSystem.grants.contains { $0.pattern.written == kept })
        }
    }
}
