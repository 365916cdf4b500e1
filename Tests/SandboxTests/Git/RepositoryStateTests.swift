import Foundation
import Linux
import Testing

@testable import Sandbox

@Suite("The state of a repository is read without running git")
struct RepositoryStateTests {
    private let tree: TemporaryTree

    init() throws {
        tree = try TemporaryTree()
    }

    private func state(_ place: String = "r", _ limits: RepositoryState.Limits = .init(time: 10_000_000_000))
        -> RepositoryState?
    {
        RepositoryState(of: tree.place(place), user: Processes.identity().user, limits: limits)
    }

    @discardableResult
    private func git(_ words: String..., in directory: String = "r") throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["-C", tree.place(directory).description] + words
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": tree.path.description, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "git \(words)")
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func repository(_ options: String...) throws {
        try tree.directory("r")
        for words in [["init", "-q", "-b", "main"] + options] { try run(words) }
        try tree.file("r/a", "one\n")
        try tree.file("r/d/b", "two\n")
        try tree.file("r/d/e/c", "three\n")
        try tree.link("r/l", to: "d/b")
        try git("add", "-A")
        try git("commit", "-qm", "x")
    }

    private func run(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["-C", tree.place("r").description] + words
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func text(_ bytes: [UInt8]?) -> String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Long ago, so that no file is as young as the index.
    private func age(_ name: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)],
            ofItemAtPath: tree.place(name).description)
    }

    @Test("commit, branch and remote, loose and packed")
    func facts() throws {
        try repository()
        try git("remote", "add", "other", "https://example.com/other.git")
        try git("remote", "add", "origin", "https://bob:pw@example.com/a.git")
        let commit = try git("rev-parse", "HEAD")
        #expect(text(state()?.commit) == commit)
        #expect(text(state()?.branch) == "main")
        #expect(text(state()?.remote) == "https://example.com/a.git")
        try git("pack-refs", "--all", "--prune")
        #expect(text(state()?.commit) == commit)
        try git("remote", "remove", "origin")
        #expect(text(state()?.remote) == "https://example.com/other.git")
        try git("checkout", "-q", "--detach")
        #expect(state()?.branch == nil)
        #expect(text(state()?.commit) == commit)
    }

    @Test("before the first commit there is a branch, nothing tracked and no commit")
    func unborn() throws {
        try tree.directory("r")
        try run(["init", "-q", "-b", "main"])
        let found = try #require(state())
        #expect(text(found.branch) == "main")
        #expect(found.commit == nil)
        #expect(found.trackedFiles == .clean)
    }

    @Test(
        "what git calls clean is clean, in each version of the index, also right after it was written",
        arguments: [2, 3, 4])
    func clean(version: Int) throws {
        try repository()
        try git("update-index", "--index-version", "\(version)")
        #expect(state()?.trackedFiles == .clean)
        try git("checkout", "-q", "-f", "HEAD")
        #expect(state()?.trackedFiles == .clean)
        // Touched only: git compares the content.
        try age("r/a")
        #expect(try git("status", "--porcelain") == "")
        try age("r/d/b")
        #expect(state()?.trackedFiles == .clean)
    }

    @Test(
        "a change is seen: content of another and of the same size, mode, kind, removal, a link in place of a directory",
        arguments: [
            "echo more >>a", "printf 'two\\n' >a", "chmod +x a", "rm a && ln -s d/b a", "rm d/b", "rm -r d",
            "mv d x && ln -s x d", "ln -sf a l", "rm a && mkdir a", "rm a && mkfifo a",
            "echo n >n && git add -N n",
        ])
    func changed(command: String) throws {
        try repository()
        for name in ["r/a", "r/d/b", "r/d/e/c"] { try age(name) }
        try git("status")
        #expect(state()?.trackedFiles == .clean)
        try shell(command)
        #expect(try git("status", "--porcelain") != "")
        #expect(state()?.trackedFiles == .changed)
    }

    private func shell(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "cd \(tree.place("r")) && \(command)"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("what git was told not to look at isn't, nor is the executable bit where it doesn't count")
    func passedOver() throws {
        try repository()
        try git("update-index", "--assume-unchanged", "a")
        try git("update-index", "--skip-worktree", "d/b")
        try shell("echo x >>a; rm d/b")
        #expect(state()?.trackedFiles == .clean)
        try shell("chmod +x d/e/c")
        #expect(state()?.trackedFiles == .changed)
        try git("config", "core.fileMode", "false")
        #expect(state()?.trackedFiles == .clean)
    }

    @Test("a conflict is a change")
    func conflict() throws {
        try repository()
        try git("checkout", "-qb", "side")
        try shell("echo side >a")
        try git("commit", "-qam", "side")
        try git("checkout", "-q", "main")
        try shell("echo main >a")
        try git("commit", "-qam", "main")
        try? shell("git merge side >/dev/null 2>&1 || true")
        #expect(state()?.trackedFiles == .changed)
    }

    @Test("with SHA-256 as well")
    func sha256() throws {
        try repository("--object-format=sha256")
        #expect(state()?.commit?.count == 64)
        #expect(state()?.trackedFiles == .clean)
        try shell("printf 'two\\n' >a")
        #expect(state()?.trackedFiles == .changed)
    }

    @Test("a linked working tree and a submodule have states of their own")
    func linked() throws {
        try repository()
        try git("worktree", "add", "-q", "../w", "-b", "side")
        #expect(text(state("w")?.branch) == "side")
        #expect(state("w")?.trackedFiles == .clean)
        try tree.file("w/a", "changed\n")
        #expect(state("w")?.trackedFiles == .changed)
        #expect(state()?.trackedFiles == .clean)
        try git(
            "-c", "protocol.file.allow=always", "clone", "-q", tree.place("r").description, "../top", in: "r")
        try git(
            "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", tree.place("r").description,
            "sub",
            in: "top")
        #expect(text(state("top/sub")?.branch) == "main")
        #expect(state("top/sub")?.trackedFiles == .clean)
        // Whether a submodule is as it was recorded isn't looked at.
        #expect(state("top")?.trackedFiles == .unknown)
    }

    @Test("a split index can't be read whole, a sparse one can")
    func otherIndexes() throws {
        try repository()
        try git("sparse-checkout", "set", "--cone", "--sparse-index", "d/e")
        #expect(try git("ls-files", "--sparse").contains("d/e/c"))
        #expect(state()?.trackedFiles == .clean)
        try git("sparse-checkout", "disable")
        try git("update-index", "--split-index")
        #expect(state()?.trackedFiles == .unknown)
    }

    @Test("too many files and too little time are unknown")
    func limits() throws {
        try repository()
        #expect(state("r", .init(time: 0))?.trackedFiles == .unknown)
        #expect(state("r", .init(time: .max, entries: 3))?.trackedFiles == .unknown)
        #expect(state("r", .init(time: .max, entries: 4))?.trackedFiles == .clean)
    }

    @Test("a directory without a repository, and a link where .git should be, have no state")
    func none() throws {
        try repository()
        try tree.directory("plain")
        #expect(state("plain") == nil)
        try tree.directory("linked")
        try tree.link("linked/.git", to: tree.place("r/.git").description)
        #expect(state("linked") == nil)
    }

    @Test(
        "no FIFO is waited for and no link followed, wherever somebody put one",
        arguments: ["HEAD", "config", "index", "packed-refs", "refs/heads/main", "refs/heads", "refs"])
    func hostile(name: String) throws {
        try repository()
        let commit = try git("rev-parse", "HEAD")
        try tree.file("secret", commit)
        for replacement in ["mkfifo .git/\(name)", "ln -s \(tree.place("secret")) .git/\(name)"] {
            try shell("rm -rf .git/\(name) && \(replacement)")
            let found = state()
            if ["HEAD", "refs/heads/main", "refs/heads", "refs"].contains(name) {
                #expect(found?.commit == nil)
            }
            if ["index", "config"].contains(name) { #expect(found?.trackedFiles == .unknown) }
        }
    }

    @Test("a name that leads out of the repository isn't followed")
    func traversal() throws {
        try repository()
        let commit = try git("rev-parse", "HEAD")
        try tree.file("secret", commit)
        for name in ["refs/../../../secret", "../../secret", "/etc/passwd", "refs//x", "refs/.x"] {
            try tree.file("r/.git/HEAD", "ref: \(name)\n")
            #expect(state()?.commit == nil)
            #expect(state()?.branch == nil)
        }
    }

    @Test("an index that is cut within its entries is unknown, never clean")
    func cutIndex() throws {
        try repository()
        let whole = try Data(contentsOf: URL(fileURLWithPath: tree.place("r/.git/index").description))
        // What lies behind the entries is only passed over, and the checksum isn't looked at.
        let entries = try #require(whole.range(of: Data("TREE".utf8))).lowerBound
        for length in 0..<(entries + 20) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: tree.place("r/.git/index").description))
            #expect(state()?.trackedFiles != .clean, "\(length) of \(whole.count)")
        }
    }

    @Test(
        "an address is kept without user and password",
        arguments: [
            ("https://u:p@h/x", "https://h/x"), ("https://tok@h:8/x", "https://h:8/x"),
            ("ssh://git@h/x", "ssh://h/x"),
            ("git@h:o/r.git", "h:o/r.git"), ("https://u:p@q@h/x", "https://h/x"), ("/srv/a@b", "/srv/a@b"),
            ("https://h/a@b", "https://h/a@b"), ("../x@y", "../x@y"), ("h:a@b", "b"),
        ])
    func address(written: String, kept: String) {
        #expect(text(RepositoryState.withoutUser(Array(written.utf8))) == kept)
    }
}

@Suite("A repository's configuration is read as git reads it")
struct GitConfigurationTests {
    private func remote(_ text: String) throws -> String? {
        try GitConfiguration(Array(text.utf8)).remote.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "quotes, escapes, comments, continued lines",
        arguments: [
            ("[remote \"origin\"]\n\turl = a b # c\n", "a b"), ("[remote \"origin\"] url=x", "x"),
            ("[REMOTE \"origin\"]\nURL = \"a # b\" ; c\n", "a # b"),
            ("[remote.origin]\nurl = x\\\n  y\n", "x  y"),
            ("[remote \"or\\igin\"]\nurl = \"x\\ty\"\n", "x\ty"),
            ("; c\n[a]\nb\n[remote \"o\"]\nurl=x  \r\n", "x"),
        ])
    func values(text: String, expected: String) throws {
        #expect(try remote(text) == expected)
    }

    @Test(
        "what git refuses is refused",
        arguments: ["[a", "[]\n", "x = y\n", "[a]\n=x", "[a]\nb = \"x\n", "[a]\nb = \\q\n", "[a \"x\ny\"]"])
    func malformed(text: String) {
        #expect(throws: GitConfiguration.Malformed.self) { try remote(text) }
    }
}
