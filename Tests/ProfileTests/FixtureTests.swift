import Linux
import Testing

@testable import Profile

@Suite("A profile that is wrong is refused with every reason, where it stands and what to write instead")
struct FixtureTests {
    static let directory = "\(TestHost.packageDirectory)/Tests/ProfileTests/Fixtures"

    static func names(in folder: String) -> [String] {
        TestHost.names(in: "\(directory)/\(folder)").filter { $0.hasSuffix(".yaml") }
    }

    @Test("there are fixtures")
    func areFound() {
        #expect(Self.names(in: "bad").count > 20)
        #expect(!Self.names(in: "good").isEmpty)
        #expect(!Self.names(in: "repository").isEmpty)
    }

    @Test("in a user's profile", arguments: names(in: "bad"))
    func refuses(name: String) throws {
        try check("bad", name, kind: .user)
    }

    @Test("in a repository's file", arguments: names(in: "repository"))
    func refusesRepository(name: String) throws {
        try check("repository", name, kind: .repository)
    }

    @Test("what is right isn't refused", arguments: names(in: "good"))
    func accepts(name: String) throws {
        let text = try #require(TestHost.contents(ofFile: "\(Self.directory)/good/\(name)"))
        #expect(PolicyBuilder.check(text, kind: .user, source: name).map(\.description) == [])
    }

    private func check(_ folder: String, _ name: String, kind: ProfileKind) throws {
        let path = "\(Self.directory)/\(folder)/\(name)"
        let text = try #require(TestHost.contents(ofFile: path))
        let expected = try #require(TestHost.contents(ofFile: path.dropLast(5) + ".expected"))
        let messages = PolicyBuilder.check(text, kind: kind, source: name).map(\.description)
        #expect(messages == String(decoding: expected, as: UTF8.self).split(separator: "\n").map(String.init))
        #expect(!messages.isEmpty)
    }
}
