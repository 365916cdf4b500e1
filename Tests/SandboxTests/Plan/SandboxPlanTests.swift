import Foundation
import Linux
import Profile
import Testing

@testable import Sandbox

@Suite("A plan is data, in the one order that works")
struct SandboxPlanTests {
    @Test("The plan of a small policy is the one on file")
    func golden() throws {
        let file = try #require(
            Bundle.module.url(forResource: "plan", withExtension: "txt", subdirectory: "Fixtures"))
        let expected = try String(contentsOf: file, encoding: .utf8)
        let actual = try plan(terminal: true).operations.map { "\($0)\n" }.joined()
        #expect(actual == expected)
    }

    @Test("Trees are taken before anything covers the host, walls come last, and the filter is the very last")
    func order() throws {
        let names = try plan(terminal: true).operations.map { String("\($0)".prefix { $0 != " " }) }
        let position = { (name: String) in names.firstIndex(of: name) ?? -1 }
        let lastBind = try #require(names.lastIndex(of: "bind"))
        #expect(lastBind < position("attach"))
        #expect(names.suffix(5) == ["drop", "refuse", "enforce", "limit", "load"])
        let operations = try plan(terminal: true).operations
        guard case .loadFilter = operations.last else {
            Issue.record("the last operation is \(operations.last.map { "\($0)" } ?? "missing")")
            return
        }
    }

    @Test("Without a terminal none is made")
    func withoutTerminal() throws {
        let hasTerminal = try plan(terminal: false).operations.contains {
            if case .makeTerminal = $0 { true } else { false }
        }
        #expect(!hasTerminal)
    }

    @Test("Every operation with a line of the policy behind it names that line in its error")
    func origins() throws {
        let plan = try plan(terminal: false)
        let bind = try #require(
            plan.operations.firstIndex { if case .cloneTree = $0 { true } else { false } })
        let error = plan.error(at: bind, .noEntry)
        let words = "line of /usr: cannot bind /usr: No such file or directory; "
        #expect(error.description == words + "what was there a moment ago is gone: try again")
        let exchanged = plan.error(at: bind, .stale)
        #expect(exchanged.description.contains("something else lies there"))
    }

    @Test("Landlock allows what is mounted, to the extent that it is mounted, and nothing on a mask")
    func landlock() throws {
        let plan = try plan(terminal: false)
        let walls = plan.operations.compactMap { operation -> LandlockWall? in
            if case .enforceLandlock(let wall) = operation { wall } else { nil }
        }
        let wall = try #require(walls.first)
        let hosts = plan.operations.filter { if case .cloneTree = $0 { true } else { false } }.count
        var covered: Set<Int> = []
        for rule in wall.rules {
            #expect(rule.rights.isDisjoint(with: [.makeBlockDevice, .makeCharacterDevice]))
            if case .slot(let slot) = rule.place { covered.insert(slot) }
        }
        #expect(covered.isSuperset(of: 0..<hosts))
        let masks = plan.view.mounts.filter { $0.reason == .mask }.count
        let slots = plan.operations.filter { if case .attach = $0 { true } else { false } }.count
        #expect(masks == 1)
        #expect(covered.count == slots - masks)
    }

    @Test("With a skeleton only the root and the masks are made in another way")
    func skeleton() throws {
        let device = try #require(AbsolutePath("/dev/fuse"))
        let plain = try plan(terminal: false).operations.map { "\($0)" }
        let plan = try plan(terminal: false, reads: .fuse(device))
        let different = zip(plain, plan.operations.map { "\($0)" }).filter { $0 != $1 }.map(\.1)
        #expect(plan.operations.count == plain.count)
        #expect(
            different == [
                "make root through /dev/fuse with 7 mount points and links",
                "attach /w/secret from the skeleton, masked",
            ])
    }

    @Test("The skeleton knows the directories that are worth a listing, the upper ones first")
    func crowdedDirectories() throws {
        let device = try #require(AbsolutePath("/dev/fuse"))
        let plan = try plan(terminal: false, reads: .fuse(device))
        let roots = plan.operations.compactMap { operation in
            if case .makeSkeletonRoot(let root) = operation { root } else { nil }
        }
        #expect(roots.count == 1)
        // The root holds usr, w, tmp, proc, dev and etc; etc holds one file.
        #expect(roots.first?.crowded.map(\.path) == [CString(".")])
        #expect(roots.first?.user == CString("1000"))
        #expect(roots.first?.group == CString("100"))
    }

    @Test(
        "On the root itself nothing may be read or executed: the answers of the skeleton don't depend on it")
    func skeletonWall() throws {
        let device = try #require(AbsolutePath("/dev/fuse"))
        let plan = try plan(terminal: false, reads: .fuse(device))
        let walls = plan.operations.compactMap { operation in
            if case .enforceLandlock(let wall) = operation { wall } else { nil }
        }
        let root = try #require(
            walls.first?.rules.first {
                if case .path(CString("/")) = $0.place { true } else { false }
            })
        #expect(root.rights == [.readDirectory])
    }

    private func plan(terminal: Bool, reads: ReadAudit = .off) throws -> SandboxPlan {
        let rules: [TestRule] = [
            .grant(.read, "/usr"), .grant(.write, "/w"), .protect("/w/.git/hooks"), .deny("/w/secret"),
            .own("/tmp", .directory(name: "tmp")), .own("/proc", .processes), .own("/dev", .devices),
            .own("/dev/shm", .directory(name: "shm")), .own("/etc/passwd", .file(index: 0)),
        ]
        let layout = try ViewLayout(rules.map(\.rule), status: fakeStatus)
        let passwords = try #require(AbsolutePath("/etc/passwd"))
        let view = View(
            mounts: layout.mounts, nodes: ViewSkeleton(for: layout).nodes, links: [], skipped: [],
            files: [IdentityFile(path: passwords, content: [])], watched: [], held: HeldPlaces([]))
        let workspace = try #require(AbsolutePath("/w"))
        let facts = HostFacts(
            user: 1000, group: 100, userName: Array("u".utf8), home: nil, environment: [],
            currentDirectory: workspace)
        let device = Device(hostPath: CString("/dev/null"), destination: CString("dev/null"), number: 259)
        return SandboxPlan(
            SandboxPlan.Inputs(
                policy: try policy(), view: view, facts: facts, workingDirectory: workspace,
                terminal: terminal ? CommandTerminal(standingFor: -1, readsInput: true) : nil,
                kernel: KernelFacts(landlockVersion: 7, hasOwnProcessLimit: true, devices: [device]),
                filter: [0, 0], reads: reads))
    }

    private func policy() throws -> Policy {
        let workspace = try #require(AbsolutePath("/w"))
        let context = ProfileContext(
            home: nil, workspace: workspace, cache: workspace, variable: { _ in nil },
            builtInDirectory: workspace, reserved: [])
        let text = """
            version: 1
            filesystem: {workspace: write, tmp: 64MiB}
            process: {limits: {processes: 128, open-files: 256}}
            """
        let builder = PolicyBuilder(context: context) { _, _ throws(Diagnostic) in Array(text.utf8) }
        return try builder.policy(
            for: PolicyRequest(profiles: ["/w/p.yaml"], currentDirectory: workspace))
    }
}
