import Linux
import TestSupport
import Testing

@testable import Profile

@Suite("A repository's file only narrows")
struct RepositoryTests {
    private func grants(_ user: String, _ repository: String) throws -> [String] {
        let policy = try TestHost().policy(
            of: "version: 1\nfilesystem: {\(user)}\n", repository: "version: 1\nfilesystem: {\(repository)}\n"
        )
        return policy.fileSystem.grants.map {
            "\($0.access) \($0.pattern.prefix)\($0.pattern.isLiteral ? "" : "/...")"
        }
        .sorted()
    }

    @Test(
        "grants intersect as functions of a path",
        arguments: [
            // The longer path of both, with the narrower access.
            ("read: [/usr]", "read: [/usr/lib]", ["read /usr/lib"]),
            ("read: [/usr/lib]", "read: [/usr]", ["read /usr/lib"]),
            ("write: [/a]", "read: [/a]", ["read /a"]),
            ("read: [/a]", "write: [/a]", ["read /a"]),
            ("write: [/a]", "write: [/a/b], read: [/a]", ["read /a", "write /a/b"]),
            ("read: [/a], write: [/a/b]", "write: [/a]", ["read /a", "write /a/b"]),
            // No opinion, and the opinion that there be nothing.
            ("read: [/a], write: [/b]", "hide: true", ["read /a", "write /b"]),
            ("read: [/a], write: [/b]", "read: []", ["write /b"]),
            ("read: [/a], write: [/b]", "write: []", ["read /a", "read /b"]),
            ("read: [/a], write: [/b]", "read: [], write: []", []),
            // Nothing is granted that the user doesn't grant.
            ("read: [/a]", "read: [/a, /b, ~/.ssh]", ["read /a"]),
            ("read: [/a]", "read: [/]", ["read /a"]),
            // The workspace counts as granted to the user's extent.
            ("workspace: write", "workspace: read, write: [build]", ["write /home/kim/src/app/build"]),
            ("workspace: read", "workspace: write, write: [build]", ["read /home/kim/src/app/build"]),
        ] as [(String, String, [String])])
    func intersects(user: String, repository: String, expected: [String]) throws {
        #expect(try grants(user, repository) == expected)
    }

    @Test(
        "a wildcard of the file reaches no further than the user's narrowest line that it may pass",
        arguments: [
            ("read: [\"/srv/*\"]", "read: [/srv/a]", ["read /srv/a"]),
            ("read: [/srv]", "read: [\"/srv/*/x\"]", ["read /srv/..."]),
            (
                "write: [/srv], read: [/srv/a]", "write: [\"/srv/*/x\"]",
                ["read /srv", "read /srv/...", "read /srv/a", "read /srv/a/x"]
            ),
            (
                "write: [/srv], read: [/srv/a/b/c]", "write: [\"/srv/*/x\"], read: [/srv/a]",
                ["read /srv/a", "read /srv/a/b/c", "write /srv/..."]
            ),
            ("read: [\"/srv/*\"]", "write: [\"/srv/*\"]", ["read /srv/..."]),
            ("read: [~]", "read: [\"~/src/*\"]", ["read /home/kim/src/..."]),
        ] as [(String, String, [String])])
    func boundsWildcards(user: String, repository: String, expected: [String]) throws {
        #expect(try grants(user, repository) == expected)
    }

    /// Found while writing: the intersection alone made a grant longer than the floor's entry.
    @Test("the floor stays over what the file names, be it exactly", arguments: ["~/.ssh", "~/.ssh/id_rsa"])
    func cannotLiftFloor(path: String) throws {
        let policy = try TestHost().policy(
            of: "version: 1\nfilesystem: {read: [~]}\n",
            repository: "version: 1\nfilesystem: {read: [~, \(path)]}\n")
        #expect(policy.fileSystem.grants.map(\.pattern.written) == ["~"])
        #expect(policy.fileSystem.floor.contains { $0.pattern.written == "~/.ssh" })
    }

    /// Found by fuzzing: a user's wildcard that matches an entry of the floor counted as naming it, and what the
    /// file named below it came into the view.
    @Test("a user's wildcard over the floor lifts nothing for the file")
    func wildcardOverFloor() throws {
        #expect(
            try grants("read: [\"~/*\"]", "read: [~/.ssh/id_rsa, ~/src]") == ["read /home/kim/src"])
    }

    /// Found by fuzzing: an entry of the floor with a wildcard didn't count, and what the file named below it,
    /// an agent's socket, came into view.
    @Test(
        "the floor's patterns stay over what the file names",
        arguments: ["/tmp/ssh-1/agent.7", "/tmp/ssh-1", "\"/tmp/ssh-*\""])
    func cannotLiftFloorPattern(path: String) throws {
        #expect(try grants("read: [/tmp]", "read: [/tmp/a, \(path)]") == ["read /tmp/a"])
    }

    @Test(
        "a pattern that can't be intersected is refused rather than guessed",
        arguments: [
            ("read: [~]", "read: [\"~/.s*/id_rsa\"]", "reaches below what the built-in floor keeps out"),
            ("read: [/tmp]", "read: [\"/tmp/*/agent\"]", "reaches below what the built-in floor keeps out"),
            ("read: [\"/srv/a*\"]", "read: [\"/srv/*b\"]", "overlaps /srv/a* in a way that no path says"),
        ])
    func refusesPattern(user: String, repository: String, problem: String) throws {
        let messages = try TestHost().messages(
            of: "version: 1\nfilesystem: {\(user)}\n", repository: "version: 1\nfilesystem: {\(repository)}\n"
        )
        #expect(messages.count == 1)
        #expect(messages.first?.contains(problem) == true)
    }

    /// Found by fuzzing: the file took the workspace's own rule away, and what the user may do in the
    /// directory above, which was more, held in its place.
    @Test("a file keeps the workspace out, or the launch is refused where a wider grant holds it")
    func keepsWorkspaceOut() throws {
        let repository = "version: 1\nfilesystem: {workspace: none}\n"
        let messages = try TestHost().messages(
            of: "version: 1\nfilesystem: {workspace: read, write: [~]}\n", repository: repository)
        #expect(messages.count == 1)
        #expect(messages.first?.contains("~, which the profile grants, holds it") == true)
        let alone = try TestHost().messages(
            of: "version: 1\nfilesystem: {workspace: read, write: [~/out]}\n", repository: repository)
        #expect(alone.isEmpty)
    }

    @Test("what the user lifted from the floor the file may keep")
    func keepsLifted() throws {
        #expect(
            try grants("read: [~/.ssh]", "read: [~/.ssh/known_hosts]") == ["read /home/kim/.ssh/known_hosts"])
    }

    @Test("random grants of both sides never give more than the user alone, nor more than the file lists")
    func neverWidens() throws {
        var random = SplitMix(seed: 11)
        let names = ["a", "b", "*"]
        func path(_ wildcards: Bool) -> String {
            let depth = Int.random(in: 1...3, using: &random)
            return "/w"
                + (0..<depth).map { _ in
                    "/" + (names.prefix(wildcards ? 3 : 2).randomElement(using: &random) ?? "a")
                }
                .joined()
        }
        func list() -> String {
            (0..<Int.random(in: 0...3, using: &random)).map { _ in "\"\(path(true))\"" }.joined(
                separator: ", ")
        }
        let probes = ["/w/a", "/w/b"].flatMap { first in
            ["", "/a", "/b"].flatMap { second in ["", "/a", "/b"].map { "\(first)\(second)\($0)" } }
        }
        for round in 0..<150 {
            let user = "version: 1\nfilesystem: {read: [\(list())], write: [\(list())]}\n"
            // Without one of its lists a file has no opinion on that access, and may still not widen.
            let lists = [["read", "write"], ["read"], ["write"]][round % 3].map { "\($0): [\(list())]" }
            let repository = "version: 1\nfilesystem: {\(lists.joined(separator: ", "))}\n"
            let alone = try TestHost().policy(of: user).fileSystem.grants
            let listed = try TestHost().policy(of: repository).fileSystem.grants
            let both = try TestHost().policy(of: user, repository: repository).fileSystem.grants
            for probe in try probes.map(TestHost.path) {
                let result = access(both, probe)
                #expect(result <= access(alone, probe), "\(probe) of\n\(user)\(repository)")
                guard lists.count == 2 else { continue }
                #expect(result <= access(listed, probe), "\(probe) of\n\(user)\(repository)")
            }
        }
    }

    /// The access at a path if everything existed: wildcards are matched at each level above it, and of
    /// equals the narrower counts across authorities.
    private func access(_ grants: [Grant], _ path: AbsolutePath) -> Access {
        let places = [path] + path.ancestors
        let rules = grants.flatMap { grant in
            places.filter(grant.pattern.matches).map {
                AccessTable.Rule($0, .grant(grant.access), grant.origin)
            }
        }
        return AccessTable(rules).decide(path).verdict.access
    }

    @Test("a repository can ask for more protection, and not for less")
    func raisesTheLevel() throws {
        func level(_ user: String, _ repository: String) throws -> Level {
            try TestHost().policy(
                of: "version: 1\n\(user)", repository: "version: 1\nrequire: \(repository)\n"
            ).require.value
        }
        #expect(try level("", "landlock") == .full)
        #expect(try level("require: landlock\n", "namespaces") == .namespaces)
        #expect(try level("require: namespaces\n", "landlock") == .namespaces)
        #expect(try level("require: landlock\n", "full") == .full)
    }

    @Test("denials and protections are added, and scalars take the stricter value")
    func narrowsTheRest() throws {
        let user = """
            version: 1
            filesystem: {workspace: write, deny: [/d]}
            process: {limits: {time: 1h, processes: 10}, env: {pass: [LANG, "LC_*", TERM]}}
            """
        let repository = """
            version: 1
            require: full
            filesystem: {workspace: read, deny: [.env], protect: [.husky], hide: true}
            process:
              limits: {time: 2h, processes: 5, open-files: 100}
              env: {pass: [LC_ALL, LANG, "TERM*", HOME]}
              syscalls: {deny: [ptrace]}
            tests: [deny read .env]
            """
        let policy = try TestHost().policy(of: user, repository: repository)
        #expect(policy.fileSystem.workspace.value == .read)
        #expect(policy.fileSystem.deny.map(\.pattern.prefix.description) == ["/d", "/home/kim/src/app/.env"])
        #expect(policy.fileSystem.protect.map(\.origin.authority) == [.repository])
        #expect(policy.fileSystem.hide.value)
        #expect(policy.process.limits.time?.value == 3_600_000)
        #expect(policy.process.limits.processes?.value == 5)
        #expect(policy.process.limits.openFiles?.value == 100)
        #expect(policy.process.pass.map(\.value) == ["LANG", "LC_ALL", "TERM"])
        #expect(policy.process.deniedSyscalls.map(\.value) == ["ptrace"])
        #expect(policy.tests.count == 1)
        #expect(policy.files.last?.path.description == "/home/kim/src/app/.mews.yaml")
    }

    @Test("a file that isn't there changes nothing")
    func mayBeMissing() throws {
        let host = try TestHost()
        let policy = try host.policy(of: "version: 1\n") {
            $0.repositoryFile = host.workspace.appending(".mews.yaml")
        }
        #expect(policy.files.count == 1)
    }
}
