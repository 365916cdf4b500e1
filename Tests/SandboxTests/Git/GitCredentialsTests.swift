import Linux
import Testing

@testable import Sandbox

@Suite("A repository's configuration is shown without its credentials")
struct GitCredentialsTests {
    private func credentials(_ text: String, _ included: [String: String] = [:]) throws -> GitCredentials {
        GitCredentials(try GitConfiguration(Array(text.utf8))) { path in
            included[String(decoding: path, as: UTF8.self)].map { Array($0.utf8) }
        }
    }

    private func shown(_ text: String) throws -> String {
        String(decoding: try credentials(text).masked, as: UTF8.self)
    }

    @Test(
        "What gives access is left out, however it is written",
        arguments: [
            ("[http \"https://h/\"]\nextraheader = AUTHORIZATION: basic eDp5", "http.https://h/.extraheader"),
            ("[HTTP]\n ExtraHeader=\"X-Token: \\\"s3cr3t\\\"\"", "http.extraheader"),
            ("[remote \"o\"]\nurl = https://u:s3cr3t@h/x", "remote.o.url"),
            ("[remote \"o\"]\nurl = https://s3cr3t@h/x", "remote.o.url"),
            ("[url \"https://u:s3cr3t@h/\"]\ninsteadof = a", "url.https://h/.insteadof"),
            ("[http]\nproxy = http://u:s3c@r3t@p:3128", "http.proxy"),
            ("[credential]\nhelper = \"!f() { echo password=s3cr3t; }; f\"", "credential.helper"),
            ("[x]\ny = ghp_0123456789abcdefghijABCDEFGHIJ012345", "x.y"),
        ])
    func hidden(_ text: String, _ name: String) throws {
        let found = try credentials(text)
        #expect(found.found == [name])
        let copy = String(decoding: found.masked, as: UTF8.self)
        for secret in ["s3c", "r3t", "eDp5", "ghp_"] { #expect(!copy.contains(secret)) }
        #expect(try GitCredentials(GitConfiguration(found.masked)).found == [])
    }

    @Test(
        "What gives none stays as it is",
        arguments: [
            "[remote \"o\"]\n\turl = ssh://git@h/x", "[remote \"o\"]\n\turl = git@h:x",
            "[remote \"o\"]\n\turl = https://h/@x", "[core]\n\tbare", "[http]\n\textraheader =",
            "[a \"b \\\"c\\\\\"]\n\td = \"x\\ty \\\"z\\\" # ;\"",
        ])
    func kept(_ text: String) throws {
        let before = try GitConfiguration(Array(text.utf8))
        let found = GitCredentials(before)
        #expect(found.found == [])
        let after = try GitConfiguration(found.masked)
        #expect(after.settings.map(\.value) == before.settings.map(\.value))
        #expect(after.settings.map(\.subsection) == before.settings.map(\.subsection))
    }

    @Test("A file that is included counts by what it holds, also when it includes itself")
    func includes() throws {
        let text = "[includeIf \"gitdir:/x\"]\npath = t\n[include]\npath = u\n[include]\npath = gone"
        let found = try credentials(text, ["t": "[http]\nextraheader = x", "u": "[a]\nb = c"])
        #expect(found.found == ["includeif.gitdir:/x.path"])
        #expect(
            try credentials("[include]\npath = l", ["l": "[include]\npath = l"]).found == ["include.path"])
    }

    @Test("Comments, which may hold anything, aren't shown")
    func comments() throws {
        #expect(try !shown("# s3cr3t\n[a]\nb = c # s3cr3t\n").contains("s3cr3t"))
    }
}
