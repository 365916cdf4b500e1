import Linux
import Testing

@Suite("An index gives back the number of each path")
struct PathIndexTests {
    private func path(_ text: String) throws -> AbsolutePath { try #require(AbsolutePath(text)) }

    @Test("as many as there are, also after it has grown")
    func grows() throws {
        var index = PathIndex(capacity: 0)
        for number in 0..<5000 { index[try path("/many/d\(number)")] = number }
        for number in 0..<5000 { #expect(index[try path("/many/d\(number)")] == number) }
        #expect(try index[path("/many/d5000")] == nil)
        #expect(try index[path("/many")] == nil)
    }

    @Test("setting replaces, inserting doesn't")
    func keepsTheFirst() throws {
        var index = PathIndex()
        #expect(index.isEmpty)
        let inserted = try (index.insert(path("/a"), 1), index.insert(path("/a"), 2))
        #expect(inserted == (true, false))
        #expect(try index[path("/a")] == 1)
        index[try path("/a")] = 3
        #expect(try index[path("/a")] == 3)
        #expect(!index.isEmpty)
    }

    @Test("the nearest is a directory above, never the path itself or one that only begins alike")
    func findsTheNearest() throws {
        var index = PathIndex()
        for (number, text) in ["/a", "/a/b", "/a/bc"].enumerated() { index[try path(text)] = number }
        #expect(try index.nearest(above: path("/a/b/c/d")) == 1)
        #expect(try index.nearest(above: path("/a/b")) == 0)
        #expect(try index.nearest(above: path("/a/bcd/e")) == 0)
        #expect(try index.nearest(above: path("/a")) == nil)
        #expect(index.nearest(above: .root) == nil)
        index[.root] = 7
        #expect(try index.nearest(above: path("/x")) == 7)
        #expect(index.nearest(above: .root) == nil)
    }
}
