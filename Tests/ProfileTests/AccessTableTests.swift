import Linux
import TestSupport
import Testing

@testable import Profile

@Suite("The decision on a path: deny, then protect, then the longest of read and write")
struct AccessTableTests {
    private func table(_ rules: [(String, AccessTable.Effect)]) throws -> AccessTable {
        AccessTable(
            try rules.map {
                AccessTable.Rule(try TestHost.path($0.0), $0.1, Origin(authority: .user, source: $0.0))
            })
    }

    private func verdict(_ table: AccessTable, _ path: String) throws -> Decision.Verdict {
        try table.decide(TestHost.path(path)).verdict
    }

    @Test("what no rule names isn't there")
    func isClosed() throws {
        #expect(try verdict(table([]), "/a") == .none)
        #expect(try verdict(table([("/a", .grant(.read))]), "/ab") == .none)
        #expect(try verdict(table([("/a/b", .grant(.read))]), "/a") == .none)
    }

    @Test("the longest path counts, and names the line that decided")
    func takesLongest() throws {
        let rules = try table([("/a", .grant(.read)), ("/a/b", .grant(.write)), ("/a/b/c", .grant(.read))])
        #expect(try verdict(rules, "/a/x") == .read)
        #expect(try verdict(rules, "/a/b/x") == .write)
        #expect(
            try rules.decide(TestHost.path("/a/b/c/x"))
                == Decision(.read, Origin(authority: .user, source: "/a/b/c")))
    }

    @Test("a denial wins over every grant below it, a protection over every write")
    func orders() throws {
        let rules = try table([
            ("/a", .grant(.write)), ("/a/d", .deny), ("/a/d/w", .grant(.write)), ("/a/p", .protect),
            ("/a/p/w", .grant(.write)), ("/a/p/d", .deny), ("/q", .protect),
        ])
        #expect(try verdict(rules, "/a/d/w/x") == .denied)
        #expect(try verdict(rules, "/a/p/w/x") == .protected)
        #expect(try verdict(rules, "/a/p/d") == .denied)
        #expect(try verdict(rules, "/q") == .none)
    }

    @Test("the floor holds below a grant above it, and gives way to one below it")
    func holdsFloor() throws {
        let rules = try table([
            ("/h", .grant(.read)), ("/h/.ssh", .grant(.none)), ("/h/.ssh/known_hosts", .grant(.read)),
        ])
        #expect(try verdict(rules, "/h/.ssh/id_rsa") == .none)
        #expect(try verdict(rules, "/h/.ssh/known_hosts") == .read)
    }

    @Test("of the same path write wins within one authority, the narrower across them")
    func resolvesTies() throws {
        func access(_ rules: [(Access, Authority)]) throws -> Decision.Verdict {
            let path = try TestHost.path("/a")
            return AccessTable(
                rules.map { AccessTable.Rule(path, .grant($0.0), Origin(authority: $0.1, source: "")) }
            ).decide(path).verdict
        }
        #expect(try access([(.read, .user), (.write, .user)]) == .write)
        #expect(try access([(.write, .repository), (.read, .user)]) == .read)
        #expect(try access([(.read, .repository), (.write, .user), (.read, .user)]) == .read)
        #expect(try access([(.write, .user), (.none, .managed)]) == .none)
    }

    @Test("random tables answer as the definition does")
    func agreesWithDefinition() throws {
        var random = SplitMix(seed: 5)
        let effects: [AccessTable.Effect] = [.grant(.read), .grant(.write), .grant(.none), .deny, .protect]
        func path() -> String {
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                "/" + (["a", "b", "a-"].randomElement(using: &random) ?? "a")
            }
            .joined()
        }
        for _ in 0..<200 {
            let rules = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                (path(), effects.randomElement(using: &random) ?? .deny)
            }
            let table = try table(rules)
            for _ in 0..<20 {
                let probe = path()
                #expect(try verdict(table, probe) == definition(rules, probe), "\(probe) of \(rules)")
            }
        }
    }

    private func definition(_ rules: [(String, AccessTable.Effect)], _ probe: String) throws
        -> Decision.Verdict
    {
        let path = try TestHost.path(probe)
        let above = try rules.filter { try TestHost.path($0.0).contains(path) }
        if above.contains(where: { $0.1 == .deny }) { return .denied }
        var best: (length: Int, access: Access)?
        for case (let text, .grant(let access)) in above {
            guard let present = best, present.length >= text.utf8.count else {
                best = (text.utf8.count, access)
                continue
            }
            if present.length == text.utf8.count { best = (present.length, max(present.access, access)) }
        }
        guard let access = best?.access, access != .none else { return .none }
        if above.contains(where: { $0.1 == .protect }) { return .protected }
        return access == .write ? .write : .read
    }
}

@Suite("The canonical form is the effect of a policy and nothing else")
struct CanonicalFormTests {
    private func form(_ text: String, home: String = "/home/kim") throws -> String {
        var host = try TestHost()
        host.home = try TestHost.path(home)
        return String(decoding: try host.policy(of: text).canonicalForm, as: UTF8.self)
    }

    @Test("order, comments, names, tests and spelling don't change it")
    func ignoresForm() throws {
        let first = try form(
            "version: 1\nfilesystem: {read: [/a, ~/b], deny: [/x, /y]}\nprocess: {env: {pass: [A, B], set: {C: 1, D: 2}}}\n"
        )
        let second = try form(
            """
            # another order
            name: other
            version: 1
            process: {env: {set: {D: "2", C: 1}, pass: [B, A, A]}}
            tests: [deny read /x]
            filesystem: {deny: [/y, /x/], read: [/home/kim/b, /a, /a]}
            """)
        #expect(first == second)
        #expect(
            first.hasPrefix("mews.policy.v1\nrequire full\nfilesystem.workspace none\nfilesystem.read /a\n"))
    }

    @Test(
        "anything that changes what a session may do changes it",
        arguments: [
            "filesystem: {workspace: read}", "filesystem: {read: [/b]}", "filesystem: {write: [/a]}",
            "filesystem: {read: [/a], deny: [/x]}", "filesystem: {read: [/a], protect: [/x]}",
            "filesystem: {read: [/a], hide: true}", "filesystem: {read: [/a], tmp: 2GiB}",
            "filesystem: {read: [{path: /a, create: dir}]}", "filesystem: {read: [\"/a*\"]}",
            "filesystem: {read: [\"/a\\n\"]}", "filesystem: {read: [/a, ~/.ssh]}",
            "{filesystem: {read: [/a]}, process: {env: {pass: [A]}}}",
            "{filesystem: {read: [/a]}, process: {env: {set: {A: b}}}}",
            "{filesystem: {read: [/a]}, process: {limits: {time: 1h}}}",
            "{filesystem: {read: [/a]}, process: {limits: {open-files: 100}}}",
            "{filesystem: {read: [/a]}, process: {syscalls: {deny: [ptrace]}}}",
            "{filesystem: {read: [/a]}, process: {debug: true}}",
        ])
    func seesEffects(text: String) throws {
        #expect(try form(text + "\n") != form("filesystem: {read: [/a]}\n"))
    }

    @Test("another home is another policy")
    func seesExpansion() throws {
        let text = "filesystem: {read: [~/a]}\n"
        #expect(try form(text) != form(text, home: "/home/ann"))
    }
}
