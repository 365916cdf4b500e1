import Linux
import Testing

@testable import Profile

@Suite("What is denied or reserved can't be granted, and credentials only by their own name")
struct RestrictionTests {
    @Test(
        "a grant below a denial is an error that names both lines",
        arguments: [
            ("/srv", "/srv/a/b"), ("\"/srv/*/x\"", "/srv/q/x/y"), ("\"/srv/**/x\"", "/srv/a/b/x/y"),
            ("/srv", "\"/srv/*/public\""), ("\"${workspace}/..x\"", "..x/a"),
        ])
    func refusesGrantBelowDenial(deny: String, grant: String) throws {
        let messages = try TestHost().messages(
            of: "version: 1\nfilesystem:\n  read: [\(grant)]\n  deny: [\(deny)]\n")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("/p/test.yaml:3:10: ") == true)
        #expect(messages.first?.contains("which /p/test.yaml:4:10 denies") == true)
    }

    @Test("of whatever layer the two lines are")
    func refusesAcrossLayers() throws {
        let text = "version: 1\nfilesystem:\n  read: [/srv/a]\n"
        let byOption = try TestHost().messages(of: text) { $0.deny = [Array("/srv".utf8)] }
        #expect(
            byOption.first?.contains("/p/test.yaml:3:10: /srv/a is granted below /srv, which --deny denies")
                == true)
        let byRepository = try TestHost().messages(
            of: text, repository: "version: 1\nfilesystem: {deny: [/srv]}\n")
        #expect(byRepository.first?.contains("which /home/kim/src/app/.mews.yaml:2:21 denies") == true)
    }

    @Test("a denial of exactly a granted path takes the grant away, and shows it")
    func deniesExactly() throws {
        let policy = try TestHost().policy(of: "version: 1\nfilesystem: {read: [/a, /b], deny: [/b]}\n")
        #expect(policy.fileSystem.grants.map(\.pattern.written) == ["/a"])
        #expect(policy.fileSystem.skipped.map(\.reason) == ["denied by /p/test.yaml:2:37"])
    }

    @Test("a denial beside or below a grant is no error")
    func acceptsDenialBelowGrant() throws {
        #expect(
            try TestHost().messages(of: "version: 1\nfilesystem: {read: [/srv, /srvx], deny: [/srv/a]}\n")
                == [])
    }

    @Test("a denied directory can't hold the workspace, unless the workspace isn't granted")
    func refusesWorkspaceBelowDenial() throws {
        func text(_ access: String) -> String {
            "version: 1\nfilesystem: {workspace: \(access), deny: [~/src]}\n"
        }
        let message = try #require(try TestHost().messages(of: text("write")).first)
        #expect(message.contains("/p/test.yaml:2:25: the workspace /home/kim/src/app is granted below ~/src"))
        #expect(try TestHost().messages(of: text("none")) == [])
    }

    @Test(
        "Mews's own directories can't be granted, nor anything in them",
        arguments: ["~/.local/state/mews", "~/.config/mews/profiles", "/etc/mews", "/var/log/mews/audit"])
    func refusesReserved(path: String) throws {
        var host = try TestHost()
        host.reserved = [try TestHost.path("/var/log/mews")]
        let messages = try host.messages(of: "version: 1\nfilesystem: {read: [\(path)]}\n")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("/p/test.yaml:2:21: \(path) lies in ") == true)
        #expect(messages.first?.contains("(built-in floor)") == true)
    }

    @Test(
        "a workspace that holds one of them is refused",
        arguments: ["/home/kim/.config", "/home/kim/.local/state/mews/audit"])
    func refusesReservedWorkspace(path: String) throws {
        var host = try TestHost()
        host.workspace = try TestHost.path(path)
        let message = try #require(try host.messages(of: "version: 1\nfilesystem: {workspace: read}\n").first)
        #expect(message.contains("the workspace \(path) holds or lies in "))
    }

    @Test("a grant of a directory above leaves the floor in place")
    func keepsFloor() throws {
        let policy = try TestHost().policy(of: "version: 1\nfilesystem: {read: [~], write: [\"~/*\"]}\n")
        let floor = Set(policy.fileSystem.floor.map(\.pattern.prefix.description))
        for path in [
            ".ssh", ".gnupg", ".aws", ".netrc", ".bash_history", ".claude", ".config/gh", ".mozilla",
        ] {
            #expect(floor.contains("/home/kim/\(path)"))
        }
        #expect(floor.isSuperset(of: ["/run/docker.sock", "/run/user", "/etc/shadow"]))
        #expect(policy.fileSystem.floor.allSatisfy { $0.reason?.isEmpty == false })
    }

    @Test("a user's line of exactly that path lifts that entry and no other")
    func liftsExactly() throws {
        let policy = try TestHost().policy(
            of: "version: 1\nfilesystem: {read: [~/.claude, ~/.ssh/known_hosts]}\n")
        let floor = Set(policy.fileSystem.floor.map(\.pattern.prefix.description))
        #expect(!floor.contains("/home/kim/.claude"))
        #expect(floor.isSuperset(of: ["/home/kim/.claude/.credentials.json", "/home/kim/.ssh"]))
    }

    @Test("every entry of the floor is a path and has a reason")
    func floorIsSound() throws {
        var host = try TestHost()
        host.environment["XDG_RUNTIME_DIR"] = Array("/run/user/1000".utf8)
        let written = Set(try CredentialFloor.restrictions(in: host.context()).map(\.pattern.written))
        let listed = CredentialFloor.entries.flatMap(\.paths)
        // Two names of one place are one entry.
        #expect(listed.filter { !written.contains($0) } == [])
        #expect(Set(listed).count == listed.count)
    }

    @Test("a workspace that is an entry of the floor is refused unless a line names it")
    func refusesFloorWorkspace() throws {
        var host = try TestHost()
        host.workspace = try TestHost.path("/home/kim/.password-store")
        #expect(
            try host.messages(of: "version: 1\nfilesystem: {workspace: write}\n").first?.contains(
                "password stores") == true)
        #expect(
            try host.messages(of: "version: 1\nfilesystem: {workspace: write, write: [~/.password-store]}\n")
                == [])
    }
}
