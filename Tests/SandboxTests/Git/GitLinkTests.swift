import Linux
import Testing

@testable import Sandbox

@Suite("A .git file grants a repository only when that repository names the working tree in return")
struct GitLinkTests {
    private let tree: TemporaryTree
    private let user = Processes.identity().user

    init() throws {
        tree = try TemporaryTree()
        for directory in ["main/.git/objects", "main/.git/refs", "main/.git/worktrees/w", "w"] {
            try tree.directory(directory)
        }
        try tree.file("main/.git/HEAD", "ref: refs/heads/main\n")
        try tree.file("w/.git", "gitdir: \(tree.place("main/.git/worktrees/w"))\n")
        try tree.file("main/.git/worktrees/w/gitdir", "\(tree.place("w/.git"))\n")
        try tree.file("main/.git/worktrees/w/commondir", "../..\n")
    }

    private func link() throws(GitLink.Refusal) -> GitLink {
        try GitLink(at: tree.place("w/.git"), user: user)
    }

    @Test("A true worktree is followed, with absolute and relative links")
    func worktree() throws {
        #expect(try link().common == tree.place("main/.git"))
        #expect(try link().directory == tree.place("main/.git/worktrees/w"))
        try tree.file("w/.git", "gitdir: ../main/.git/worktrees/w\n")
        try tree.file("main/.git/worktrees/w/gitdir", "../../../../w/.git\n")
        #expect(try link().common == tree.place("main/.git"))
    }

    @Test("A back-link that is missing, that names another tree, or that is a link, grants nothing")
    func backLink() throws {
        try tree.file("main/.git/worktrees/w/gitdir", "\(tree.place("other/.git"))\n")
        #expect(throws: GitLink.Refusal.self) { try link() }
        try tree.file("main/.git/worktrees/w/real", "\(tree.place("w/.git"))\n")
        try remove("main/.git/worktrees/w/gitdir")
        #expect(throws: GitLink.Refusal.self) { try link() }
        try tree.link("main/.git/worktrees/w/gitdir", to: "real")
        #expect(throws: GitLink.Refusal.self) { try link() }
    }

    /// Found by fuzzing: read as text alone, a path through the file as if it were a directory led back to it.
    @Test(
        "A back-link that the kernel wouldn't follow grants nothing",
        arguments: ["../../../../w/.git/", "../../../../w/.git/.", "../../../../w/.git/../.git"])
    func unusableBackLink(text: String) throws {
        try tree.file("main/.git/worktrees/w/gitdir", "\(text)\n")
        #expect(throws: GitLink.Refusal.self) { try link() }
    }

    @Test("A directory that isn't below worktrees grants nothing, whatever it says")
    func foreignDirectory() throws {
        try tree.file("secrets/gitdir", "\(tree.place("w/.git"))\n")
        try tree.file("secrets/commondir", ".\n")
        try tree.file("w/.git", "gitdir: \(tree.place("secrets"))\n")
        #expect(throws: GitLink.Refusal.self) { try link() }
    }

    @Test("A commondir that leads out of the repository grants nothing")
    func foreignCommonDirectory() throws {
        try tree.file("main/.git/worktrees/w/commondir", "\(tree.place("secrets"))\n")
        #expect(throws: GitLink.Refusal.self) { try link() }
    }

    @Test("A directory reached through a link grants nothing")
    func linkedDirectory() throws {
        try tree.link("alias", to: "main")
        try tree.file("w/.git", "gitdir: \(tree.place("alias/.git/worktrees/w"))\n")
        #expect(throws: GitLink.Refusal.self) { try link() }
    }

    @Test("Another user's repository grants nothing")
    func otherOwner() {
        #expect(throws: GitLink.Refusal.self) {
            try GitLink(at: tree.place("w/.git"), user: user &+ 1)
        }
    }

    @Test("A submodule's directory must lie in the modules of a repository above it")
    func submodule() throws {
        try tree.directory("main/lib")
        try tree.file("main/.git/modules/lib/HEAD", "ref: refs/heads/main\n")
        try tree.file("main/lib/.git", "gitdir: ../.git/modules/lib\n")
        let link = try GitLink(at: tree.place("main/lib/.git"), user: user)
        #expect(link.directory == tree.place("main/.git/modules/lib"))
        #expect(link.common == nil)
        try tree.file("w/.git", "gitdir: \(tree.place("main/.git/modules/lib"))\n")
        #expect(throws: GitLink.Refusal.self) { try self.link() }
    }

    @Test("What isn't a link of git's, is too long, or can't be read without waiting, grants nothing")
    func nonsense() throws {
        for text in ["", "gitdir: ", "git dir: /x", "gitdir: /\0x", String(repeating: "x", count: 9000)] {
            try tree.file("w/.git", text)
            #expect(throws: GitLink.Refusal.self) { try link() }
        }
    }

    private func remove(_ relative: String) throws {
        try Files.remove(CString(tree.place(relative)))
    }
}
