import Linux
import Testing

@testable import Sandbox

@Suite("What differs in a tree is found")
struct TreeSnapshotTests {
    private let tree: TemporaryTree

    init() throws {
        tree = try TemporaryTree()
    }

    private func changes(_ comparison: TreeSnapshot.Comparison) -> [String] {
        comparison.changes.map { "\($0.kind) \(String(decoding: $0.path, as: UTF8.self))" }
    }

    @Test("Each file that is new, other or gone, and each directory that is new or gone")
    func kinds() throws {
        try tree.file("r/same", "1")
        try tree.file("r/d/other", "1")
        try tree.file("r/gone", "1")
        let before = TreeSnapshot(of: tree.place("r"))
        try tree.file("r/d/other", "2")
        try Files.remove(CString(tree.place("r/gone")))
        try tree.file("r/e/new", "1")
        let comparison = before.compared()
        #expect(changes(comparison) == ["changed d/other", "created e", "created e/new", "removed gone"])
        #expect(comparison.isComplete)
    }

    @Test("Git's own files are counted, and not those of a file that is called alike")
    func git() throws {
        try tree.file("r/.git/HEAD", "1")
        let before = TreeSnapshot(of: tree.place("r"))
        try tree.file("r/.git/index", "1")
        try tree.file("r/.gitignore", "1")
        let comparison = before.compared()
        #expect(changes(comparison) == ["created .gitignore"])
        #expect(comparison.gitFiles == 1)
    }

    @Test("A link isn't followed")
    func links() throws {
        try tree.file("outside/file", "1")
        try tree.directory("r")
        try tree.link("r/l", to: "../outside")
        let before = TreeSnapshot(of: tree.place("r"))
        try tree.file("outside/file", "2")
        #expect(changes(before.compared()) == [])
    }

    @Test("When there is too much, that is said, and nothing is said that isn't known")
    func bounds() throws {
        for number in 0..<20 { try tree.file("r/\(number)", "1") }
        let before = TreeSnapshot(of: tree.place("r"), limits: .init(entries: 5))
        let comparison = before.compared()
        #expect(!comparison.isComplete)
        #expect(changes(comparison) == [])
    }
}
