import Linux
import Testing

@Suite("A path is bytes in normal form")
struct AbsolutePathTests {
    private func path(_ text: String) throws -> AbsolutePath { try #require(AbsolutePath(text)) }

    @Test("doubled and trailing slashes are dropped", arguments: ["/a/b", "//a//b", "/a/b/", "/a/b///"])
    func normalises(text: String) throws {
        #expect(try path(text).bytes == Array("/a/b".utf8))
    }

    @Test(
        "what isn't absolute or would need resolving is no path",
        arguments: ["", "a", "./a", "/a/../b", "/..", "/../a", "/./a", "/a/.", "/a/..", "/a\0b", "/a/\0"])
    func rejects(text: String) {
        #expect(AbsolutePath(text) == nil)
    }

    @Test("names that only begin with dots are ordinary", arguments: ["/...", "/..a", "/.git"])
    func acceptsDotNames(text: String) throws {
        #expect(try path(text).description == text)
    }

    @Test("a prefix matches whole components")
    func containsWholeComponents() throws {
        #expect(try path("/a/b").contains(path("/a/b")))
        #expect(try path("/a/b").contains(path("/a/b/c")))
        #expect(try !path("/a/b").contains(path("/a/bc")))
        #expect(try !path("/a/b").contains(path("/a")))
        #expect(try path("/").contains(path("/a")))
    }

    @Test("the ancestors run from the nearest to the root")
    func listsAncestors() throws {
        #expect(try path("/a/b/c").ancestors.map(\.description) == ["/a/b", "/a", "/"])
        #expect(AbsolutePath.root.ancestors.isEmpty)
    }

    @Test("everything below a directory sorts directly after it")
    func sortsByTree() throws {
        let sorted = try ["/a-b", "/a/b", "/a", "/", "/a.c"].map(path).sorted()
        #expect(sorted.map(\.description) == ["/", "/a", "/a/b", "/a-b", "/a.c"])
    }

    @Test("a relative path is joined, one that climbs isn't")
    func joins() throws {
        let base = try path("/w")
        #expect(base.appending(relative: Array("x/y".utf8))?.description == "/w/x/y")
        #expect(AbsolutePath.root.appending(relative: Array("x//y/".utf8))?.description == "/x/y")
        #expect(base.appending(relative: Array("../x".utf8)) == nil)
        #expect(base.appending(relative: Array("x/../y".utf8)) == nil)
        #expect(base.appending(relative: Array("/x".utf8)) == nil)
        #expect(try base.relative(of: path("/w/x/y")).map(Array.init) == Array("x/y".utf8))
    }
}

@Suite("Text made from foreign bytes is harmless on a terminal")
struct PrintableTextTests {
    @Test(
        "control bytes, backslashes and broken UTF-8 are shown as \\xNN",
        arguments: [
            ([0x61, 0x0a, 0x62], "a\\x0ab"),
            ([0x1b, 0x5b, 0x33, 0x31, 0x6d], "\\x1b[31m"),
            ([0x5c], "\\x5c"),
            ([0xff, 0x61], "\\xffa"),
            ([0xc2, 0x9b], "\\xc2\\x9b"),
            ([0xc3, 0xa9], "é"),
            ([0xe2, 0x82], "\\xe2\\x82"),
        ] as [([UInt8], String)])
    func escapes(bytes: [UInt8], text: String) {
        #expect(PrintableText.escape(bytes) == text)
    }

    @Test("an error number has the C library's sentence")
    func describesErrno() {
        #expect(Errno.noEntry.description == "No such file or directory")
        #expect(Errno(9999).description == "error 9999")
    }
}
