import Linux
import Profile
import Testing

@testable import Sandbox

@Suite("A wildcard matches what exists, never through a link, within a bound")
struct PatternMatcherTests {
    private let tree: TemporaryTree

    init() throws {
        tree = try TemporaryTree()
        for file in ["a/secrets/x", "a/b/secrets/y", "secrets/z", "a/b/.env"] { try tree.file(file) }
    }

    private func matches(_ components: PathPattern.Component...) throws -> [String] {
        var matcher = PatternMatcher()
        return try matcher.matches(components[...], in: tree.path).map {
            String(decoding: tree.path.relative(of: $0.path) ?? [], as: UTF8.self)
        }.sorted()
    }

    @Test("`**` is any number of directories, also none")
    func anyDepth() throws {
        #expect(
            try matches(.anyDepth, .glob(Array("secrets".utf8))) == ["a/b/secrets", "a/secrets", "secrets"])
    }

    @Test("`*` stays within a component")
    func star() throws {
        #expect(try matches(.glob(Array("*".utf8)), .glob(Array("s*".utf8))) == ["a/secrets"].sorted())
    }

    @Test("A directory behind a link isn't searched; the link itself is told apart")
    func links() throws {
        try tree.link("linked", to: "a")
        try tree.link("a/secrets2", to: "secrets")
        #expect(
            try matches(.anyDepth, .glob(Array("secrets".utf8))) == ["a/b/secrets", "a/secrets", "secrets"])
        var matcher = PatternMatcher()
        let found = try matcher.matches([.glob(Array("linked".utf8))], in: tree.path)
        #expect(found.map(\.isLink) == [true])
    }

    @Test("More entries than the bound are an error")
    func bound() throws {
        for directory in 0..<6 {
            for file in 0..<100 { try tree.file("many/\(directory)/\(file)") }
        }
        var matcher = PatternMatcher(limit: 500)
        #expect(throws: PatternFailure.self) {
            try matcher.matches([.anyDepth, .glob(Array("x".utf8))], in: tree.path)
        }
    }
}
