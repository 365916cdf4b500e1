import Linux
import Testing

@testable import Sandbox

@Suite("A path is looked up once, with every link on the way")
struct PathResolverTests {
    private let tree: TemporaryTree
    private var resolver = PathResolver()

    init() throws {
        tree = try TemporaryTree()
        try tree.file("real/file")
    }

    private mutating func found(_ relative: String) throws -> ResolvedPath? {
        if case .found(let found) = try resolver.resolve(tree.place(relative)) { found } else { nil }
    }

    @Test("A path without links is itself")
    mutating func plain() throws {
        let found = try #require(try found("real/file"))
        #expect(found.path == tree.place("real/file"))
        #expect(found.links.isEmpty)
        #expect(found.status.kind == .regular)
    }

    @Test("A link as the last component is followed, not taken for the thing itself")
    mutating func lastLink() throws {
        // A bind of /bin showed the link and granted nothing of what it led to.
        try tree.link("l", to: "real")
        let found = try #require(try found("l"))
        #expect(found.path == tree.place("real"))
        #expect(found.links == [SymbolicLink(path: tree.place("l"), target: Array("real".utf8))])
    }

    @Test("Links in the middle, absolute ones, and `..` in them lead where the kernel would go")
    mutating func chains() throws {
        try tree.directory("a/b")
        try tree.link("a/b/up", to: "../../real")
        try tree.link("abs", to: tree.place("a/b").description)
        let found = try #require(try found("abs/up/file"))
        #expect(found.path == tree.place("real/file"))
        #expect(found.links.map(\.path) == [tree.place("abs"), tree.place("a/b/up")])
    }

    @Test("A loop of links is an error, not a missing path")
    mutating func loops() throws {
        try tree.link("x", to: "y")
        try tree.link("y", to: "x")
        #expect(throws: Errno.loop) { try resolver.resolve(tree.place("x")) }
    }

    @Test("What isn't there is missing, also behind a dangling link and below a file")
    mutating func missing() throws {
        try tree.link("dangling", to: "nowhere")
        for path in ["no", "no/deeper", "dangling", "real/file/below"] {
            #expect(try found(path) == nil, "\(path)")
        }
        // What is known of a directory that is missing says nothing of those beside it.
        #expect(try found("no/deeper/still") == nil)
        #expect(try found("real/file") != nil)
    }

    @Test("A place that is rarely there is found as any other, through links as well")
    mutating func rare() throws {
        try tree.link("l", to: "real")
        guard case .found(let found) = try resolver.resolve(tree.place("l/file"), isRare: true) else {
            Issue.record("not found")
            return
        }
        #expect(found.path == tree.place("real/file"))
        guard case .missing(.noEntry) = try resolver.resolve(tree.place("no/file"), isRare: true) else {
            Issue.record("found")
            return
        }
    }

    @Test("A directory made after a miss in it is found by a new session only, its siblings at once")
    mutating func notes() throws {
        #expect(try found("late/a") == nil)
        #expect(try found("real/other") == nil)
        #expect(try found("real/file") != nil)
    }
}
