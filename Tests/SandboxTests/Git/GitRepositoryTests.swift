import Linux
import Testing

@testable import Sandbox

@Suite("What git outside acts on is found in a repository and its submodules")
struct GitRepositoryTests {
    private let tree: TemporaryTree

    init() throws {
        tree = try TemporaryTree()
        try tree.file("git/HEAD")
        for module in ["a", "a/modules/b", "lib/foo"] { try tree.file("git/modules/\(module)/HEAD") }
    }

    private func protected(limit: Int = GitRepository.mostEntries) -> (paths: Set<String>, isComplete: Bool) {
        var repository = GitRepository(limit: limit)
        repository.protect(tree.place("git"))
        let paths = repository.protected.compactMap { tree.path.relative(of: $0) }
        return (Set(paths.map { String(decoding: $0, as: UTF8.self) }), repository.isComplete)
    }

    @Test("Its own, those of submodules, of theirs, and of submodules with a slash in the name")
    func places() {
        let found = protected().paths
        for module in ["", "/modules/a", "/modules/a/modules/b", "/modules/lib/foo"] {
            for file in ["config", "hooks", "config.worktree", "commondir"] {
                #expect(found.contains("git\(module)/\(file)"))
            }
        }
    }

    @Test("A directory that was made to look like a repository hides none below it")
    func disguise() throws {
        try tree.file("git/modules/lib/config")
        #expect(protected().paths.contains("git/modules/lib/foo/hooks"))
        try tree.file("git/modules/lib/objects/HEAD")
        #expect(protected().paths.contains("git/modules/lib/objects/config"))
    }

    @Test("More than can be looked at is said, not passed over")
    func limit() throws {
        #expect(protected().isComplete)
        #expect(!protected(limit: 3).isComplete)
    }
}
