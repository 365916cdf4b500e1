import Linux
import Testing

@testable import Sandbox

@Suite("A path leads to what the kernel would find inside")
struct FollowedPathTests {
    private let tree: TemporaryTree

    init() throws {
        tree = try TemporaryTree()
        try tree.file("real/deep/file")
        try tree.link("link", to: "real/deep")
        try tree.link("up", to: "link/../deep/file")
        try tree.link("whole", to: tree.place("real").description)
        try tree.link("loop", to: "loop")
        try tree.link("gone", to: "nowhere/x")
    }

    private func follow(
        _ path: String, isVisible: (AbsolutePath) -> Bool = { _ in true }
    ) throws(Errno) -> FollowedPath {
        try FollowedPath(Array(path.utf8), from: tree.path, isVisible: isVisible)
    }

    @Test(
        "links, dots and doubled slashes",
        arguments: [
            ("real/deep/file", "real/deep/file", 0), ("link/file", "real/deep/file", 1),
            ("./link//file", "real/deep/file", 1), ("link/../deep", "real/deep", 1),
            ("up", "real/deep/file", 2),
            ("whole/deep", "real/deep", 1), ("real/../real", "real", 0),
        ])
    func follows(path: String, target: String, count: Int) throws {
        let followed = try follow(path)
        #expect(followed.path == tree.place(target))
        #expect(followed.links.count == count)
        #expect(followed.exists)
    }

    @Test("what isn't there is named all the same")
    func missing() throws {
        let followed = try follow("gone")
        #expect(followed.path == tree.place("nowhere/x"))
        #expect(!followed.exists)
    }

    @Test("a link that isn't there inside leads nowhere")
    func invisible() throws {
        let followed = try follow("link/file") { _ in false }
        #expect(followed.path == tree.place("link/file"))
        #expect(followed.links.isEmpty)
    }

    @Test("a circle, an empty path and a NUL byte are errors", arguments: ["loop", "", "a\0b"])
    func refuses(path: String) {
        #expect(throws: Errno.self) { try follow(path) }
    }
}
