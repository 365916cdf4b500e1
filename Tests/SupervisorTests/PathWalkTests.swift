import Linux
@testable import Supervisor
import Testing

/// A file system in memory: what isn't named is missing.
private struct Model {
    var entries: [String: ViewAnswer]

    func look(_ path: AbsolutePath) -> ViewAnswer {
        if path.isRoot { return .directory }
        for above in path.ancestors {
            if case .link = entries["\(above)"] { return .throughLink }
        }
        return entries["\(path)"] ?? .missing
    }

    static func link(_ target: String) -> ViewAnswer { .link(Array(target.utf8)) }
}

@Suite("A call's path is resolved as the kernel would")
struct PathWalkTests {
    private let model = Model(entries: [
        "/w": .directory, "/w/d": .directory, "/w/d/f": .file, "/w/rel": Model.link("d"),
        "/w/abs": Model.link("/usr/lib"), "/w/up": Model.link("../usr"), "/w/loop": Model.link("loop"),
        "/w/dangling": Model.link("/usr/none"), "/w/slash": Model.link("d/"), "/w/two": Model.link("rel/f"),
        "/usr": .directory, "/usr/lib": .directory, "/usr/lib/x": .file, "/w/empty": Model.link(""),
    ])

    private func find(_ text: String, from start: String = "/w", follow: Bool = true) throws -> PathWalk.End?
    {
        PathWalk.find(
            Array(text.utf8), from: try #require(AbsolutePath(start)), follow: follow, look: model.look)
    }

    @Test(
        "Links, dots and slashes lead where the kernel goes",
        arguments: [
            ("d/f", "/w/d/f"), ("/w/d/f", "/w/d/f"), ("rel/f", "/w/d/f"), ("abs/x", "/usr/lib/x"),
            ("up/lib/x", "/usr/lib/x"), ("abs/../lib/x", "/usr/lib/x"), ("./d//f", "/w/d/f"), ("..", "/"),
            ("../../../usr", "/usr"), ("two", "/w/d/f"), ("slash/f", "/w/d/f"), ("dangling", "/usr/none"),
            ("abs/new", "/usr/lib/new"), ("up/../w/two", "/w/d/f"), ("/", "/"), ("d/.", "/w/d"),
        ])
    func places(text: String, place: String) throws {
        #expect(try #require(try find(text)).path.description == place)
    }

    @Test("A last link is a place of its own where the call doesn't follow it")
    func lastLink() throws {
        let end = try #require(try find("abs", follow: false))
        #expect(end.path.description == "/w/abs" && end.answer == Model.link("/usr/lib"))
        // A slash behind it asks for what it leads to.
        #expect(try find("abs/", follow: false)?.path.description == "/usr/lib")
    }

    @Test("What is missing is told apart from what has nowhere to be")
    func missing() throws {
        #expect(
            try find("d/new") == PathWalk.End(path: try #require(AbsolutePath("/w/d/new")), answer: .missing))
        #expect(try #require(try find("no/new")).lacksParent)
        #expect(try #require(try find("no/../d/f")).lacksParent)
        #expect(try #require(try find("d/.")).isNameless)
        #expect(try #require(try find("d/")).needsDirectory)
    }

    @Test(
        "Circles, empty paths and empty links are nowhere",
        arguments: ["loop", "loop/x", "", "empty", "empty/x"])
    func nowhere(text: String) throws {
        #expect(try find(text) == nil)
    }

    @Test("A path longer than the kernel takes is nowhere")
    func long() throws {
        #expect(try find(String(repeating: "d/../", count: 1000)) == nil)
        #expect(try find(String(repeating: "d/../", count: 800) + "d/f")?.path.description == "/w/d/f")
    }
}
