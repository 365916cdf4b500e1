import Linux
import TestSupport
import Testing

@testable import Profile

@Suite("A path of a profile names what its author means")
struct PathTests {
    private func grants(_ lines: String, host: TestHost? = nil) throws -> [String] {
        let host = try host ?? TestHost()
        let policy = try host.policy(of: "version: 1\nfilesystem:\n  read: [\(lines)]\n")
        return policy.fileSystem.grants.map { $0.pattern.prefix.description }
    }

    @Test(
        "variables and relative paths are expanded",
        arguments: [
            ("/opt//x/", "/opt/x"), ("~", "/home/kim"), ("~/a", "/home/kim/a"),
            ("\"${workspace}\"", "/home/kim/src/app"), ("\"${workspace}/a\"", "/home/kim/src/app/a"),
            ("\"${cache}\"", "/home/kim/.cache/mews/0123abcd"), ("docs", "/home/kim/src/app/docs"),
            ("$XDG_CONFIG_HOME/a", "/home/kim/.config/a"), ("$XDG_DATA_HOME/a", "/home/kim/.local/share/a"),
            ("$XDG_STATE_HOME/a", "/home/kim/.local/state/a"), ("$XDG_CACHE_HOME/a", "/home/kim/.cache/a"),
            ("...", "/home/kim/src/app/..."), ("a$b", "/home/kim/src/app/a$b"),
        ])
    func expands(written: String, expected: String) throws {
        #expect(try grants(written) == [expected])
    }

    @Test("an XDG variable that is set wins over its default, and a relative one is ignored")
    func readsEnvironment() throws {
        var host = try TestHost()
        host.environment = ["XDG_DATA_HOME": Array("/data".utf8), "XDG_CACHE_HOME": Array("cache".utf8)]
        #expect(
            try grants("$XDG_DATA_HOME/a, $XDG_CACHE_HOME/a", host: host) == [
                "/data/a", "/home/kim/.cache/a",
            ])
    }

    @Test("a line whose variable isn't set is skipped and shown with its reason")
    func skipsUnset() throws {
        var host = try TestHost()
        host.home = nil
        let policy = try host.policy(
            of: "version: 1\nfilesystem: {read: [~/a, $XDG_RUNTIME_DIR/a, $XDG_DATA_HOME/a], deny: [~/b]}\n")
        #expect(policy.fileSystem.grants.isEmpty)
        #expect(
            policy.fileSystem.skipped.map { "\($0.origin.column) \($0.written): \($0.reason)" } == [
                "21 ~/a: there is no home directory", "26 $XDG_RUNTIME_DIR/a: XDG_RUNTIME_DIR isn't set",
                "46 $XDG_DATA_HOME/a: XDG_DATA_HOME isn't set", "72 ~/b: there is no home directory",
            ])
    }

    /// Found by fuzzing: below a denial, a path half a million directories deep took all memory.
    @Test("a path longer than the kernel takes is refused")
    func boundsSize() throws {
        let longest = "/" + String(repeating: "a", count: 4094)
        #expect(try grants(longest) == [longest])
        let messages = try TestHost().messages(
            of:
                "version: 1\nfilesystem: {deny: [/d], read: [\(longest)/, \(String(repeating: "b/", count: 400_000))]}\n"
        )
        #expect(messages.count == 2)
        #expect(messages.allSatisfy { $0.contains("a path of more than 4095 bytes") })
    }

    @Test("wildcards begin after the literal prefix")
    func splitsWildcards() throws {
        let policy = try TestHost().policy(
            of: "version: 1\nfilesystem: {read: [\"/srv/*/public\"], deny: [\"~/**/.env\", \"**/x*\"]}\n")
        let grant = try #require(policy.fileSystem.grants.first?.pattern)
        #expect(grant.prefix.description == "/srv")
        #expect(grant.wildcards == [.glob(Array("*".utf8)), .glob(Array("public".utf8))])
        #expect(
            policy.fileSystem.deny.map(\.pattern.prefix.description) == ["/home/kim", "/home/kim/src/app"])
        #expect(policy.fileSystem.deny[0].pattern.wildcards == [.anyDepth, .glob(Array(".env".utf8))])
    }

    @Test("a path option is relative to the current directory, as in a shell")
    func readsOptions() throws {
        let directory = try TestHost.path("/home/kim/src/app/sub*dir")
        let policy = try TestHost().policy(profiles: ["base"]) {
            $0.currentDirectory = directory
            $0.read = ["x", "./y", "../z", "../../..", ".", "/abs", "~/h", "./~"].map { Array($0.utf8) }
            $0.deny = [Array("no*".utf8)]
        }
        let options = policy.fileSystem.grants.filter { $0.origin.source == "--read" }
        #expect(
            options.map(\.pattern.prefix.description) == [
                "/home/kim/src/app/sub*dir/x", "/home/kim/src/app/sub*dir/y", "/home/kim/src/app/z",
                "/home/kim",
                "/home/kim/src/app/sub*dir", "/abs", "/home/kim/h", "/home/kim/src/app/sub*dir/~",
            ])
        #expect(policy.fileSystem.deny.first?.pattern.wildcards == [.glob(Array("no*".utf8))])
    }

    @Test(
        "a path option that climbs where links could lead elsewhere is refused",
        arguments: ["a/../b", "a/./b"])
    func refusesClimbing(value: String) throws {
        #expect(throws: ProfileError.self) {
            try TestHost().policy(profiles: ["base"]) { $0.read = [Array(value.utf8)] }
        }
    }
}

@Suite("A wildcard matches within one component")
struct WildcardTests {
    private func matches(_ pattern: String, _ name: String) -> Bool {
        PathPattern.Component.glob(Array(pattern.utf8)).matches(Array(name.utf8))
    }

    /// The definition, word for word: slow and obviously right.
    private func matchesByDefinition(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == UInt8(ascii: "*") {
            return (0...name.count).contains { matchesByDefinition(pattern.dropFirst(), name.dropFirst($0)) }
        }
        return name.first == first && matchesByDefinition(pattern.dropFirst(), name.dropFirst())
    }

    @Test("as the definition says, for many patterns and names")
    func agreesWithDefinition() {
        var random = SplitMix(seed: 3)
        var found = [true: 0, false: 0]
        for _ in 0..<5_000 {
            let pattern = String(
                (0..<Int.random(in: 0..<7, using: &random)).map { _ in
                    "ab*".randomElement(using: &random) ?? "a"
                })
            let name = String(
                (0..<Int.random(in: 0..<7, using: &random)).map { _ in
                    "ab".randomElement(using: &random) ?? "a"
                })
            let expected = matchesByDefinition(Array(pattern.utf8)[...], Array(name.utf8)[...])
            found[expected, default: 0] += 1
            #expect(matches(pattern, name) == expected, "\(pattern) and \(name)")
        }
        #expect(found[true, default: 0] > 300 && found[false, default: 0] > 300)
    }

    @Test("in little time also where going back could blow up", .timeLimit(.minutes(1)))
    func isQuick() {
        let pattern = String(repeating: "a*", count: 100) + "b"
        #expect(!matches(pattern, String(repeating: "a", count: 10_000)))
    }

    @Test("any depth is any number of directories, also none")
    func matchesAnyDepth() throws {
        let pattern = PathPattern(
            prefix: try TestHost.path("/w"), wildcards: [.anyDepth, .glob(Array("s*".utf8))],
            written: "/w/**/s*")
        for (text, named, covered) in [
            ("/w/s", true, true), ("/w/a/b/sx", true, true), ("/w", false, false), ("/w/a", false, false),
            ("/w/s/a", false, true), ("/x/s", false, false),
        ] {
            #expect(try pattern.matches(TestHost.path(text)) == named, "\(text)")
            #expect(try pattern.covers(TestHost.path(text)) == covered, "\(text)")
        }
    }
}
