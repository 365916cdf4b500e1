import Linux
import Profile
import Testing

@testable import Sandbox

@Suite("Without namespaces a plan opens, compares, and puts up two walls")
struct ConfinementPlanTests {
    private static let text = """
        version: 1
        filesystem: {workspace: write, read: [/usr]}
        process: {limits: {open-files: 256}}
        """

    private func plan(_ construction: Construction, version: Int32 = 7) throws -> SandboxPlan {
        let session = try TestSession(Self.text)
        let workspace = try #require(AbsolutePath(TestSession.workspace))
        let facts = HostFacts(
            user: 1000, group: 100, userName: Array("u".utf8), home: nil, environment: [],
            currentDirectory: workspace)
        let device = Device(hostPath: CString("/dev/null"), destination: CString("dev/null"), number: 259)
        return SandboxPlan(
            SandboxPlan.Inputs(
                policy: session.policy, view: construction.view(session.view), facts: facts,
                workingDirectory: workspace, terminal: nil,
                kernel: KernelFacts(landlockVersion: version, hasOwnProcessLimit: true, devices: [device]),
                filter: [0], construction: construction))
    }

    @Test("It makes nothing: no namespace, no mount, no root")
    func makesNothing() throws {
        let words = try plan(.landlock).operations.map { String("\($0)".prefix { $0 != " " }) }
        #expect(
            Set(words).isDisjoint(with: [
                "map", "bind", "make", "mount", "attach", "enter", "name", "capture",
            ]))
        #expect(words.first == "end")
        #expect(words.suffix(5) == ["give", "refuse", "enforce", "limit", "load"])
        let report = try #require(words.firstIndex(of: "report"))
        #expect(report > (words.lastIndex(of: "open") ?? words.count))
    }

    @Test("Landlock allows what is granted, and of /proc and /dev no more than has to be")
    func wall() throws {
        for operation in try plan(.landlock).operations {
            guard case .enforceLandlock(let wall) = operation else { continue }
            for rule in wall.rules {
                #expect(rule.rights.isDisjoint(with: [.makeBlockDevice, .makeCharacterDevice]))
                guard case .path(let path) = rule.place else { continue }
                #expect(path == CString("/proc"))
                #expect(rule.rights == [.readFile, .readDirectory])
            }
            return
        }
        Issue.record("there is no wall")
    }

    @Test("An outer sandbox's keyring has been left, and its /tmp and terminals are used")
    func nested() throws {
        let operations = try plan(.nested(.full)).operations
        func leavesKeyring(_ operation: Operation) -> Bool {
            if case .joinNewKeyringIfPermitted = operation { true } else { false }
        }
        #expect(!operations.contains(where: leavesKeyring))
        #expect(try plan(.landlock).operations.contains(where: leavesKeyring))
        let paths = operations.flatMap { operation -> [CString] in
            guard case .enforceLandlock(let wall) = operation else { return [] }
            return wall.rules.compactMap { if case .path(let path) = $0.place { path } else { nil } }
        }
        #expect(paths.contains(CString("/tmp")) && paths.contains(CString("/dev/pts")))
    }

    @Test("The level that holds is the construction's")
    func levels() {
        #expect(Construction.namespaces(landlock: true).level == .full)
        #expect(Construction.namespaces(landlock: false).level == .namespaces)
        #expect(Construction.landlock.level == .landlock)
        #expect(Construction.nested(.namespaces).level == .namespaces)
    }
}
