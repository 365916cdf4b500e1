import Linux
import Testing

@testable import Profile

@Suite("The profiles that are installed with Mews")
struct BuiltInProfileTests {
    @Test(
        "each makes a policy by itself",
        arguments: ["base", "workspace", "readonly", "git", "c", "python", "node", "rust", "swift"])
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
}
