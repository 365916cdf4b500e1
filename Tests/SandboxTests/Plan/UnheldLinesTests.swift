import Linux
import Profile
import Testing

@testable import Sandbox

@Suite("What can't be held without namespaces is told, every line of it")
struct UnheldLinesTests {
    private func places(_ text: String, within nesting: Nesting? = nil) throws -> [String] {
        let session = try TestSession("version: 1\n" + text)
        return UnheldLines.find(session.policy, session.view, within: nesting).map { error in
            "\(error.origin?.line ?? 0):\(error.origin?.column ?? 0)"
        }
    }

    @Test("What only adds up is held: several grants, denials of what nothing grants")
    func held() throws {
        #expect(
            try places(
                """
                filesystem:
                  workspace: read
                  read: [/opt/a, /opt/a/b]
                  write: [/srv]
                  deny: [/other]
                  protect: [/opt/a/c]
                """) == [])
    }

    @Test(
        "A part that is less than the tree around it",
        arguments: ["deny: [/opt/a/b]", "protect: [/srv/b]", "read: [/srv/b]"])
    func part(line: String) throws {
        let text = "filesystem:\n  write: [/srv]\n  \(line)\n"
        let reading = "filesystem:\n  read: [/opt/a]\n  write: [/srv]\n  \(line)\n"
        #expect(try places(line.contains("opt") ? reading : text).count == 1)
    }

    @Test("What a link or a wildcard makes of one line is one line")
    func oncePerLine() throws {
        #expect(try places("filesystem:\n  write: [/srv, /srv/x]\n  deny: [/srv/a]\n") == ["4:10"])
    }

    @Test("The floor in a grant speaks for the grant")
    func floor() throws {
        #expect(try places("filesystem:\n  read: [/h]\n") == ["3:10"])
        #expect(try places("filesystem:\n  read: [/h/.ssh]\n") == [])
    }

    @Test("Settings that need a file system or a network of their own")
    func settings() throws {
        #expect(
            try places(
                """
                filesystem: {hide: true, tmp: 1MiB}
                network:
                  allow: [example.org, example.net]
                  loopback: {connect: [80]}
                audit: {reads: fuse}
                """) == ["2:20", "2:31", "4:11", "4:24", "5:24", "6:16"])
        #expect(try places("filesystem: {hide: false}\naudit: {reads: auto}\n") == [])
    }

    @Test("The sandbox around this one may hold them")
    func nested() throws {
        let outer = try TestSession(
            """
            version: 1
            filesystem:
              write: [/srv]
              deny: [/srv/a]
              protect: [/srv/b]
              hide: true
            network: {allow: [example.org, example.net], deny: [example.com]}
            """)
        let nesting = Nesting(level: .full, session: nil, context: outer.context)
        #expect(
            try places(
                "filesystem:\n  write: [/srv]\n  deny: [/srv/a]\n  protect: [/srv/b]\n  hide: true\n",
                within: nesting) == [])
        #expect(try places("filesystem:\n  write: [/srv]\n  deny: [/srv/b]\n", within: nesting) == ["4:10"])
        #expect(
            try places("filesystem:\n  write: [/srv]\n  protect: [/srv/c]\n", within: nesting) == ["4:13"])
        // Fewer hosts can't be told apart; none can, and more are those of the sandbox around.
        #expect(try places("network: {allow: [example.org]}\n", within: nesting) == ["2:19"])
        #expect(try places("network: {allow: [example.org, example.net, a.b]}\n", within: nesting) == [])
        #expect(try places("network: {deny: [a.b]}\n", within: nesting) == [])
        #expect(nesting.hasNetwork)
    }
}
