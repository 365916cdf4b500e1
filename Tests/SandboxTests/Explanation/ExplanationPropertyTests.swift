import Linux
import Profile
import TestSupport
import Testing

@testable import Sandbox

@Suite("An explanation never contradicts the mounts, and what it proposes works")
struct ExplanationPropertyTests {
    private static let paths = [
        "/o", "/o/a", "/o/a/b", "/o/a/b/c", "~", "~/c", "~/c/d", "~/.ssh", "~/.ssh/known_hosts", "~/.config",
        "~/.config/gh", "${workspace}", "${workspace}/a", "${workspace}/a/b", "/tmp/x", "/dev/kvm",
    ]

    private static func profile(using random: inout SplitMix) -> String {
        func list() -> String {
            let lines = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "\"" + (paths.randomElement(using: &random) ?? "/o") + "\""
            }
            return "[" + lines.joined(separator: ", ") + "]"
        }
        let workspace = ["none", "read", "write"].randomElement(using: &random) ?? "none"
        return """
            version: 1
            filesystem: {workspace: \(workspace), read: \(list()), write: \(list()), deny: \(list()), protect: \(list())}

            """
    }

    private static func probe(using random: inout SplitMix) -> AbsolutePath {
        let written = paths.randomElement(using: &random) ?? "/o"
        var text = written.replacing("${workspace}", with: TestSession.workspace)
        if text.hasPrefix("~") { text = TestSession.home + text.dropFirst() }
        let below = ["", "", "/x", "/a", "/b", "/x/y"].randomElement(using: &random) ?? ""
        return AbsolutePath(text + below) ?? .root
    }

    @Test("reading and writing are what the view's access says, and the decision on the rules")
    func agreesWithView() throws {
        var random = SplitMix(seed: 7)
        var sessions = 0
        while sessions < 100 {
            let text = Self.profile(using: &random)
            guard let session = try? TestSession(text) else { continue }
            sessions += 1
            for _ in 0..<20 {
                let path = Self.probe(using: &random)
                let access = session.view.access(to: path)
                let mount = session.view.mount(of: path)
                let read = Explanation(of: .read, at: path, in: session.context)
                let write = Explanation(of: .write, at: path, in: session.context)
                if mount == nil || mount?.reason == .mask {
                    // A directory of the sandbox's own that leads to mounts is no access to the host's.
                    #expect(
                        read.verdict == .denied || read.reason.contains("sandbox's own"), "\(path) \(text)")
                    #expect(write.verdict == .denied, "\(path) \(text)")
                } else if case .host = mount?.source {
                    #expect((read.verdict == .allowed) == (access >= .read), "\(path) \(text)")
                    #expect((write.verdict == .allowed) == (access == .write), "\(path) \(text)")
                }
                #expect(read.verdict == .denied || read.fix == nil)
            }
        }
    }

    @Test("the lines of random rules are those of the decision function")
    func agreesWithTable() throws {
        var random = SplitMix(seed: 11)
        let policy = try TestSession("version: 1\n").policy
        for _ in 0..<300 {
            let rules = (0..<8).map { _ in TestRule.random(using: &random) }
            guard let layout = try? ViewLayout(rules.map(\.rule), status: fakeStatus) else { continue }
            let view = View(
                mounts: layout.mounts, nodes: [], links: [], skipped: [], files: [], watched: [],
                held: HeldPlaces([]))
            let context = ExplanationContext(policy: policy, view: view, workspace: .root, home: nil)
            let table = AccessTable(rules.map(\.tableRule))
            for _ in 0..<20 {
                let path = AbsolutePath.random(using: &random)
                let decision = table.decide(path)
                let write = Explanation(of: .write, at: path, in: context)
                #expect((write.verdict == .allowed) == (decision.verdict == .write), "\(path) \(rules)")
                let read = Explanation(of: .read, at: path, in: context)
                let isOwn = read.reason.contains("sandbox's own")
                #expect(
                    isOwn || (read.verdict == .allowed) == (decision.verdict.access != .none),
                    "\(path) \(rules)")
            }
        }
    }

    @Test("a profile with the proposed line allows what was asked for")
    func fixesWork() throws {
        var random = SplitMix(seed: 13)
        var fixes = 0
        while fixes < 400 {
            let text = Self.profile(using: &random)
            guard let session = try? TestSession(text) else { continue }
            for _ in 0..<20 {
                let path = Self.probe(using: &random)
                let use = FileUse.allCases.randomElement(using: &random) ?? .read
                let answer = Explanation(of: use, at: path, in: session.context)
                guard answer.verdict == .denied, let fix = answer.fix else { continue }
                fixes += 1
                let more = "version: 1\nextends: [./base.yaml]\n" + fix + "\n"
                do {
                    let fixed = try TestSession(text, extended: more)
                    // A directory that is made is itself a mount then.
                    let after: FileUse = use == .makeDirectory ? .write : use
                    let again = Explanation(of: after, at: path, in: fixed.context)
                    #expect(again.verdict == .allowed, "\(use) \(path): \(fix) with \(text): \(again.reason)")
                } catch {
                    Issue.record("\(use) \(path): \(fix) with \(text): \(error)")
                }
            }
        }
    }

    @Test("a path of any bytes is written so that a profile names exactly it")
    func quotes() throws {
        var random = SplitMix(seed: 17)
        let special = Array("\"'\\ #:{}[],~$&*!|>%@`\t\n\u{202e}\u{feff}é".utf8) + [0xff, 0x80, 0x7f, 1]
        for _ in 0..<400 {
            let name = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? special.randomElement(using: &random) ?? 1 : UInt8.random(in: 1...255, using: &random)
            }
            guard AbsolutePath.isComponent(name) else { continue }
            let path = (AbsolutePath(["/h/w", "/h", "/o"].randomElement(using: &random) ?? "/o") ?? .root)
                .appending(name)
            let line = ProfileLine(
                workspace: AbsolutePath(TestSession.workspace) ?? .root, home: AbsolutePath(TestSession.home)
            ).reading(path)
            guard let line else {
                #expect(name.contains(UInt8(ascii: "*")))
                continue
            }
            let policy = try TestSession("version: 1\n" + line + "\n").policy
            #expect(policy.fileSystem.grants.map(\.pattern.prefix) == [path], "\(line)")
        }
    }

    @Test("takes no longer with a thousand rules than a few look-ups", .timeLimit(.minutes(1)))
    func isQuick() throws {
        let lines = (0..<1000).map { "\"/o/d\($0)\"" }.joined(separator: ", ")
        let session = try TestSession("version: 1\nfilesystem: {read: [\(lines)], deny: [/o/d5/x]}\n")
        var denied = 0
        for index in 0..<20_000 {
            let path = AbsolutePath("/o/d\(index % 2000)/x/y") ?? .root
            if Explanation(of: .read, at: path, in: session.context).verdict == .denied { denied += 1 }
        }
        #expect(denied == 10_010)
    }
}
