import Linux
import Testing

@testable import Profile

@Suite("Profiles are found and put in order")
struct LayerTests {
    private let own = "/home/kim/.config/mews/profiles"

    private func messages(_ host: TestHost, _ profiles: [String]) throws -> [String] {
        do {
            _ = try host.policy(profiles: profiles)
            return []
        } catch let error as ProfileError {
            return error.diagnostics.map(\.description)
        }
    }

    @Test("a profile is read once, however often it is named")
    func readsOnce() throws {
        final class Count { var reads: [String: Int] = [:] }
        let count = Count()
        var host = try TestHost()
        host.files = ["\(own)/a.yaml": "version: 1\nextends: [base, git]\n"]
        let files = host.files
        let builder = PolicyBuilder(
            context: try host.context(),
            read: { (path, _) throws(Diagnostic) in
                count.reads[path.description, default: 0] += 1
                return files[path.description].map { Array($0.utf8) }
                    ?? TestHost.contents(ofFile: path.description)
            })
        let directory = host.workspace
        _ = try builder.policy(for: PolicyRequest(profiles: ["a", "base"], currentDirectory: directory))
        #expect(count.reads["\(own)/a.yaml"] == 1)
        #expect(count.reads["\(TestHost.builtInDirectory)/base.yaml"] == 1)
    }

    @Test(
        "extended ones come first, depth first, then each -p, then options; of single values the later wins")
    func ordersLayers() throws {
        var host = try TestHost()
        func layer(_ extends: String, _ minutes: Int) -> String {
            """
            version: 1
            extends: [\(extends)]
            process: {limits: {time: \(minutes)m}, env: {set: {ORDER: \(minutes)}, pass: [N\(minutes)]}}
            """
        }
        host.files = [
            "\(own)/a.yaml": layer("b, ./sub/c.yaml", 1), "\(own)/b.yaml": layer("", 2),
            "\(own)/sub/c.yaml": layer("d.yaml", 3), "\(own)/sub/d.yaml": layer("", 4),
            "\(own)/e.yaml": layer("", 5),
        ]
        let policy = try host.policy(profiles: ["a", "e"])
        #expect(policy.process.pass.map(\.value) == ["N2", "N4", "N3", "N1", "N5"])
        #expect(policy.process.limits.time?.value == 300_000)
        #expect(policy.process.limits.time?.origin.description == "\(own)/e.yaml:3:26")
        #expect(policy.process.set.map { String(decoding: $0.value.value, as: UTF8.self) } == ["5"])
        #expect(policy.name == "a+e")
        #expect(
            policy.files.map(\.path.lastComponent).map { String(decoding: $0, as: UTF8.self) } == [
                "b.yaml", "d.yaml", "c.yaml", "a.yaml", "e.yaml",
            ])

        let changed = try host.policy(profiles: ["a"]) {
            $0.timeout = "2h"
            $0.environment = ["ORDER=x=y", "EXTRA"]
        }
        #expect(changed.process.limits.time?.value == 7_200_000)
        #expect(changed.process.set.map { String(decoding: $0.value.value, as: UTF8.self) } == ["x=y"])
        #expect(changed.process.pass.last?.value == "EXTRA")
    }

    @Test("without -p it is the workspace profile")
    func hasDefault() throws {
        let policy = try TestHost().policy()
        #expect(policy.name == "workspace")
        #expect(policy.fileSystem.workspace.value == .write)
    }

    @Test("write wins over read of the same path, in any order, and create stays")
    func mergesAccess() throws {
        let policy = try TestHost().policy(
            of: "version: 1\nfilesystem: {write: [/a, {path: /b, create: dir}], read: [/a, /b, /c, /c]}\n")
        #expect(
            policy.fileSystem.grants.map { "\($0.pattern.written) \($0.access) \($0.createsDirectory)" } == [
                "/a write false", "/b write true", "/c read false",
            ])
    }

    @Test("profiles that extend one another in a circle are refused with the circle")
    func refusesCircle() throws {
        var host = try TestHost()
        host.files = [
            "\(own)/a.yaml": "version: 1\nextends: [b]\n", "\(own)/b.yaml": "version: 1\nextends: [a]\n",
        ]
        #expect(
            try messages(host, ["a"]) == [
                "\(own)/b.yaml:2:11: profiles extend one another in a circle: "
                    + "\(own)/a.yaml -> \(own)/b.yaml -> \(own)/a.yaml; remove one"
            ])
    }

    @Test("eight profiles may extend one another, nine may not")
    func boundsDepth() throws {
        var host = try TestHost()
        for index in 1...9 {
            host.files["\(own)/p\(index).yaml"] =
                "version: 1\nextends: [\(index < 9 ? "p\(index + 1)" : "")]\n"
        }
        #expect(try messages(host, ["p2"]) == [])
        #expect(
            try messages(host, ["p1"]).first?.contains("more than 8 profiles extend one another: ") == true)
    }

    @Test("extending the same profiles again and again ends", .timeLimit(.minutes(1)))
    func boundsCount() throws {
        var host = try TestHost()
        for index in 1...7 {
            let next = index < 7 ? Array(repeating: "p\(index + 1)", count: 30).joined(separator: ", ") : ""
            host.files["\(own)/p\(index).yaml"] = "version: 1\nextends: [\(next)]\n"
        }
        #expect(try messages(host, ["p1"]).contains { $0.contains("more than 512 profiles are extended") })
    }

    @Test("a user's file can't take a built-in profile's name")
    func refusesShadowing() throws {
        var host = try TestHost()
        host.files["\(own)/git.yaml"] = "version: 1\n"
        #expect(
            try messages(host, ["workspace"]).first?.contains(
                "\(own)/git.yaml has the name of a built-in profile") == true)
    }

    @Test("an unknown name is answered with the known ones")
    func suggestsNames() throws {
        var host = try TestHost()
        host.files["\(own)/mine.yaml"] = "version: 1\n"
        #expect(
            try messages(host, ["pyhton"]) == [
                "--profile: there is no profile 'pyhton'; did you mean python? known are mine, agent, base, c, ci, "
                    + "claude-code, claude-code-command, codex, crates, debian, gemini, git, github, node, npm, "
                    + "pypi, python, readonly, rust, swift, workspace"
            ])
    }

    @Test("a path is relative to the current directory, a name never is")
    func findsPaths() throws {
        var host = try TestHost()
        host.files = ["/home/kim/src/app/team.yaml": "version: 1\nname: team\n"]
        #expect(try host.policy(profiles: ["team.yaml"]).name == "team")
        #expect(try host.policy(profiles: ["./team.yaml"]).name == "team")
        #expect(try host.policy(profiles: ["../app/team.yaml"]).name == "team")
        #expect(
            try messages(host, ["team"]).first?.hasPrefix("--profile: there is no profile 'team'") == true)
        #expect(
            try messages(host, ["./no.yaml"]) == [
                "--profile: there is no profile at /home/kim/src/app/no.yaml; check the path"
            ])
    }

    @Test("the errors of all files and options are reported together, each once")
    func reportsAll() throws {
        var host = try TestHost()
        host.files = [
            "\(own)/a.yaml": "version: 1\nextends: [b, b]\nx: 1\n", "\(own)/b.yaml": "version: 1\ny: 1\n",
        ]
        do {
            _ = try host.policy(profiles: ["a"]) {
                $0.timeout = "soon"
                $0.require = "most"
                $0.environment = ["1X=2"]
            }
            Issue.record("refused")
        } catch let error as ProfileError {
            #expect(
                error.diagnostics.map(\.origin.description) == [
                    "\(own)/a.yaml:3:1", "\(own)/b.yaml:2:1", "--env", "--timeout", "--require",
                ])
        }
    }

    @Test("a value of env.set may begin with the workspace or the cache, and is otherwise left alone")
    func expandsVariables() throws {
        let policy = try TestHost().policy(
            of: """
                version: 1
                process: {env: {set: {A: "${workspace}/x", B: "${cache}", C: "${cache}x", D: "a${workspace}", E: ~/x}}}
                """)
        #expect(
            policy.process.set.map { String(decoding: $0.value.value, as: UTF8.self) } == [
                "/home/kim/src/app/x", "/home/kim/.cache/mews/0123abcd", "${cache}x", "a${workspace}", "~/x",
            ])
    }
}
