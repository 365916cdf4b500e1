import Linux
import Profile
import TestSupport
import Testing

@testable import Sandbox

@Suite("The view shows what the rules say, path by path")
struct ViewLayoutTests {
    @Test("A grant is one mount, and what equals the grant above it makes none")
    func equalRules() throws {
        let layout = try layout(.grant(.read, "/usr"), .grant(.read, "/usr/lib"), .grant(.write, "/w"))
        #expect(layout.shown == ["/usr read grant", "/w write grant"])
    }

    @Test("The longest path decides between reading and writing")
    func longestPath() throws {
        let layout = try layout(
            .grant(.read, "/w"), .grant(.write, "/w/out"), .grant(.read, "/w/out/fixed"))
        #expect(
            layout.shown == ["/w read grant", "/w/out write grant", "/w/out/fixed read grant"])
    }

    @Test("Writing wins over reading of the same path")
    func samePath() throws {
        #expect(try layout(.grant(.read, "/w"), .grant(.write, "/w")).shown == ["/w write grant"])
    }

    @Test("A denied path is masked where it would be seen and needs nothing elsewhere")
    func masks() throws {
        #expect(
            try layout(.grant(.read, "/w"), .deny("/w/secret"), .deny("/elsewhere")).shown
                == ["/w read grant", "/w/secret none mask"])
    }

    @Test("A denied path stays denied under a protection and a floor of the same path")
    func denyWins() throws {
        #expect(
            try layout(.grant(.write, "/w"), .protect("/w/x"), .deny("/w/x")).shown
                == ["/w write grant", "/w/x none mask"])
    }

    @Test("A grant below a deny is an error that names both lines")
    func grantBelowDeny() {
        let error = #expect(throws: SandboxError.self) {
            try layout(.grant(.read, "/home/u/.config/tool"), .deny("/home/u/.config"))
        }
        #expect(error?.description.contains("line of /home/u/.config/tool") == true)
        #expect(error?.description.contains("line of /home/u/.config denies") == true)
    }

    @Test("The floor covers what a grant above it shows, and lets through what a line grants itself")
    func floor() throws {
        let floor = TestRule.floor("/h/.ssh")
        #expect(try layout(.grant(.read, "/h"), floor).shown == ["/h read grant", "/h/.ssh none mask"])
        #expect(
            try layout(.grant(.read, "/h/.ssh/known_hosts"), floor).shown
                == ["/h/.ssh/known_hosts read grant"])
        // There is nothing to mount on in a mask.
        #expect(throws: SandboxError.self) {
            try layout(.grant(.read, "/h"), floor, .grant(.read, "/h/.ssh/known_hosts"))
        }
    }

    @Test("A link to a place in the floor doesn't name it, so a grant of the link is refused")
    func linkToFloor() {
        // A command left WS/shared -> ~/.ssh, and the next session's grant of it gave the keys away.
        var grant = TestRule.grant(.write, "/h/.ssh")
        grant.named = "/w/shared"
        #expect(throws: SandboxError.self) { try layout(.floor("/h/.ssh"), grant) }
        grant = TestRule.grant(.read, "/h/.ssh/id")
        grant.named = "/w/id"
        #expect(throws: SandboxError.self) { try layout(.floor("/h/.ssh"), grant) }
    }

    @Test("A wildcard that matches a place in the floor doesn't name it either, and the floor stays")
    func wildcardOverFloor() throws {
        var grant = TestRule.grant(.read, "/h/.ssh")
        grant.isMatch = true
        let other = TestRule.grant(.read, "/h/src")
        #expect(try layout(.floor("/h/.ssh"), grant, other).shown == ["/h/src read grant"])
        #expect(
            try layout(.grant(.read, "/h"), grant, .floor("/h/.ssh")).shown
                == ["/h read grant", "/h/.ssh none mask"])
    }

    @Test("A protected path is read-only where the tree can be written, and nothing where it can't")
    func protection() throws {
        #expect(
            try layout(.grant(.write, "/w"), .protect("/w/.husky")).shown
                == ["/w write grant", "/w/.husky read protect"])
        #expect(try layout(.grant(.read, "/w"), .protect("/w/.husky")).shown == ["/w read grant"])
        #expect(try layout(.protect("/w/.husky")).shown == [])
    }

    @Test("A protection holds for a writable grant inside it")
    func grantInsideProtection() throws {
        #expect(
            try layout(.grant(.write, "/w"), .protect("/w/a"), .grant(.write, "/w/a/b")).shown
                == ["/w write grant", "/w/a read protect"])
    }

    @Test("Every ancestor of a mask or protection in a writable tree is pinned, so that none can be renamed")
    func pins() throws {
        #expect(
            try layout(.grant(.write, "/w"), .protect("/w/.git/hooks"), .deny("/w/a/b/c")).shown == [
                "/w write grant", "/w/.git write pin", "/w/.git/hooks read protect", "/w/a write pin",
                "/w/a/b write pin", "/w/a/b/c none mask",
            ])
    }

    @Test("In a tree that can't be written nothing has to be pinned")
    func noPins() throws {
        #expect(
            try layout(.grant(.read, "/w"), .deny("/w/a/b")).shown
                == ["/w read grant", "/w/a/b none mask"])
    }

    @Test("A tree of the host in the private /tmp is pinned there as well")
    func pinsInScratch() throws {
        #expect(
            try layout(.own("/tmp", .directory(name: "tmp")), .grant(.write, "/tmp/x/w")).shown
                == ["/tmp write own", "/tmp/x write pin", "/tmp/x/w write grant"])
    }

    @Test("Links on the way to a grant are shown; those on the way to what is kept out aren't")
    func links() throws {
        let path = try #require(AbsolutePath("/h/link"))
        let link = SymbolicLink(path: path, target: Array("elsewhere".utf8))
        for (rule, isShown) in [
            (TestRule.grant(.read, "/elsewhere"), true), (.floor("/elsewhere"), false),
            (.deny("/elsewhere"), false),
        ] {
            var skeleton = ViewSkeleton(for: try layout(.grant(.read, "/usr")))
            try skeleton.addLink(link, for: rule.rule)
            #expect(skeleton.nodes.contains { $0.kind == .link(link.target) } == isShown)
        }
        // Whoever can write where the link lies could turn it elsewhere, whatever the line is for.
        for rule in [TestRule.grant(.read, "/x"), .floor("/x"), .protect("/x")] {
            var skeleton = ViewSkeleton(for: try layout(.grant(.write, "/h")))
            #expect(throws: SandboxError.self) { try skeleton.addLink(link, for: rule.rule) }
        }
    }

    @Test("A home of / needs no directory of its own")
    func rootAsHome() throws {
        // Containers give users without an account that home; the root was made twice.
        var skeleton = ViewSkeleton(for: try layout(.grant(.read, "/usr")))
        let before = skeleton.nodes
        skeleton.addDirectory(.root)
        #expect(skeleton.nodes == before)
    }

    @Test("A grant of exactly one of Mews's own places replaces it; a denial removes it")
    func ownPlaces() throws {
        let tmp = TestRule.own("/tmp", .directory(name: "tmp"))
        #expect(try layout(tmp, .grant(.read, "/tmp")).shown == ["/tmp read grant"])
        #expect(try layout(tmp, .deny("/tmp")).shown == [])
    }

    @Test("One of Mews's own files in the floor is there, where nothing of the host has to be covered")
    func ownPlaceInFloor() throws {
        // Its ssh_config lies among the host's keys, and was lost with them.
        let own = TestRule.own("/e/s/c", .file(index: 0))
        #expect(try layout(.floor("/e/s"), own).shown == ["/e/s/c read own"])
        let covered = ["/e read grant", "/e/s none mask"]
        #expect(try layout(.grant(.read, "/e"), .floor("/e/s"), own).shown == covered)
    }

    @Test("A pin that can't be looked up is an error, not a missing pin")
    func failingPin() {
        #expect(throws: SandboxError.self) {
            try ViewLayout([TestRule.grant(.write, "/w"), .deny("/w/a/b")].map(\.rule)) {
                path throws(Errno) in throw .accessDenied
            }
        }
    }

    @Test("agrees with the decision function on random rules and paths")
    func agreement() throws {
        var random = SplitMix(seed: 42)
        for _ in 0..<300 {
            let rules = (0..<8).map { _ in TestRule.random(using: &random) }
            guard let layout = try? ViewLayout(rules.map(\.rule), status: fakeStatus) else { continue }
            let table = AccessTable(rules.map(\.tableRule))
            for _ in 0..<20 {
                let path = AbsolutePath.random(using: &random)
                let expected = table.decide(path).verdict.access
                let actual = layout.nearest(at: path)?.access ?? .none
                #expect(actual == expected, "\(path) with \(rules)")
            }
        }
    }

    private func layout(_ rules: TestRule...) throws(SandboxError) -> ViewLayout {
        try ViewLayout(rules.map(\.rule), status: fakeStatus)
    }
}

extension ViewLayout {
    /// Each mount as `PATH ACCESS REASON`.
    fileprivate var shown: [String] {
        mounts.map { "\($0.destination) \($0.access) \($0.reason)" }
    }
}
