import Audit
import Linux
import Network
import Profile
import TestSupport
import Testing

@testable import Sandbox

@Suite("What is published inside answers as outside, and tells nothing of what is kept out")
struct PublishedPolicyTests {
    private static let text = """
        version: 1
        filesystem:
          workspace: write
          read: ["~", /usr, "/data/caf\\xe9\\x09tab"]
          write: [/data/out]
          deny: [/opt/outside-deny, private/inside-deny]
          protect: [Makefile]
          hide: HIDE
        audit: {redact: [redacted-text]}
        """

    private func session(hides: Bool = false) throws -> TestSession {
        try TestSession(Self.text.replacing("HIDE", with: "\(hides)"))
    }

    private func published(_ session: TestSession) throws -> (bytes: [UInt8], context: ExplanationContext) {
        let bytes = PublishedPolicy.encode(
            session.policy, session.view, workspace: session.context.workspace,
            home: AbsolutePath(TestSession.home))
        return (bytes, try PublishedPolicyReader.read(bytes))
    }

    @Test("every path in the view is answered as outside, line and fix included")
    func answersAlike() throws {
        let session = try session()
        let inside = try published(session).context
        let bytes = Array("/data/caf".utf8) + [0xe9] + Array("\ttab/x".utf8)
        let names = [
            "/usr/bin/env", "/data/out/x", "/h/w/x", "/h/w/Makefile", "/h/w/private",
            "/h/w/private/inside-deny",
            "/h/.ssh/id", "/h/notes", "/tmp/x", "/dev/null", "/dev/kvm", "/proc/self", "/run/mews/policy",
            "/srv/x",
            "/etc/shadow", "/h/.config/mews",
        ]
        for path in names.compactMap({ AbsolutePath($0) }) + [AbsolutePath(bytes)].compactMap(\.self) {
            for use in FileUse.allCases {
                let answer = Explanation(of: use, at: path, in: inside)
                let expected = Explanation(of: use, at: path, in: session.context)
                #expect(answer.verdict == expected.verdict, "\(use) \(path)")
                #expect(answer.reason == expected.reason, "\(use) \(path)")
                #expect(answer.fix == expected.fix, "\(use) \(path)")
                #expect(answer.rule?.description == expected.rule?.description, "\(use) \(path)")
            }
        }
    }

    @Test(
        "a line that denies what isn't in the view isn't told, and what is to be replaced in the log neither")
    func tellsNoLists() throws {
        let text = String(decoding: try published(try session()).bytes, as: UTF8.self)
        for secret in ["outside-deny", "redacted-text", "shadow", "/etc/mews"] {
            #expect(!text.contains(secret), "\(secret)")
        }
        // The control: the mask that is in the view is told with its line.
        #expect(text.contains("inside-deny\t"))
    }

    @Test("with hide the line behind a mask isn't told either, and the answer is that of any other path")
    func hides() throws {
        let (bytes, context) = try published(try session(hides: true))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("SSH keys") && !text.contains("built-in floor") && !text.contains("\tdeny"))
        for path in ["/h/w/private/inside-deny", "/h/.ssh/id", "/srv/x", "/etc/shadow"] {
            let answer = Explanation(of: .read, at: AbsolutePath(path) ?? .root, in: context)
            #expect(answer.verdict == .denied && answer.rule == nil)
            #expect(answer.reason == "\(path) isn't in the view: no line names it.")
        }
        #expect(context.hides)
    }

    @Test(
        "anything else is refused as a whole",
        arguments: [
            "", "mews.view.v1", "mews.view.v2\nworkspace\t/w\n", "mews.view.v1\n",
            "mews.view.v1\nworkspace\tw\n",
            "mews.view.v1\nworkspace\t/w\nmount\t/usr\n", "mews.view.v1\nworkspace\t/w\nnonsense\n",
            "mews.view.v1\nworkspace\t/w\nmount\t/usr\tread\thost\tread\t/usr\t0\t1\t1\n",
            "mews.view.v1\nworkspace\t/w\nsource\tx\nmount\t/usr\tread\thost\tread\t/usr\t-1\t1\t1\n",
            "mews.view.v1\nworkspace\t/w\\x\n", "mews.view.v1\nworkspace\t/w\\x0\n", "mews.view.v1\n\n",
            // Found by the fuzzer: what a place holds went to the terminal as it stood there.
            "mews.view.v1\nworkspace\t/w\nsource\tx\nmount\t/a\tnone\tmask\tfloor\t~\t0\t0\t0\t\u{1b}[2J\n",
            "mews.view.v1\nworkspace\t/w\nsource\t\\x1b[2J\n",
            "mews.view.v1\nworkspace\t/w\nmount\t/..\tread\thidden\n",
        ])
    func refuses(text: String) {
        #expect(throws: PublishedPolicyReader.Malformed.self) {
            try PublishedPolicyReader.read(Array(text.utf8))
        }
    }

    @Test("the session is one JSON object in a line, whatever the names are")
    func describesSession() throws {
        let session = try TestSession("version: 1\nname: mine\n")
        let place = AbsolutePath(Array("/w/\"\\\n".utf8) + [0xff]) ?? .root
        var random = SplitMix(seed: 1)
        let content = PublishedContent(
            policy: session.policy, view: session.view, workspace: place, home: nil,
            session: SessionIdentifier(milliseconds: 1, using: &random))
        let text = String(decoding: content.session(digest: "ab"), as: UTF8.self)
        #expect(text.hasSuffix("}\n") && text.split(separator: "\n").count == 1)
        #expect(text.contains(#""profile":"mine""#) && text.contains(#""digest":"ab""#))
        #expect(text.contains(#""workspace":"/w/\"\\x5c\\x0a\\xff""#))
    }

    @Test("every host and port is answered as outside, line and fix included")
    func answersAlikeOfHosts() throws {
        let session = try TestSession(
            """
            version: 1
            network:
              allow:
                - api.example
                - {host: "*.corp.example", ports: [5432, 80], addresses: private, protocol: tcp}
                - {address: "fd00::1", ports: [6379]}
              deny: [x.corp.example, "10.0.0.1:80"]
              hosts: {db.corp.example: 10.2.3.4}
              loopback: {connect: [8080]}
            """, repository: "version: 1\nnetwork: {allow: [api.example, \"*.corp.example:5432\"]}\n")
        let inside = try published(session).context
        #expect(inside.network.settings == session.policy.network.settings)
        for text in [
            "api.example:443", "api.example:80", "a.corp.example:5432", "a.corp.example:80",
            "x.corp.example:80",
            "db.corp.example:5432", "[fd00::1]:6379", "10.0.0.1:80", "localhost:8080", "localhost:81",
            "evil.example:443",
        ] {
            let endpoint = try #require(RequestedEndpoint(authority: Array(text.utf8)))
            let answer = ConnectExplanation(to: endpoint, in: inside.network)
            let expected = ConnectExplanation(to: endpoint, in: session.policy.network)
            #expect(answer.verdict == expected.verdict, "\(text)")
            #expect(answer.reason == expected.reason, "\(text)")
            #expect(answer.fix == expected.fix, "\(text)")
            #expect(answer.notes == expected.notes, "\(text)")
            #expect(answer.rule?.description == expected.rule?.description, "\(text)")
        }
    }

    @Test(
        "a line about hosts that isn't one of the format is refused",
        arguments: [
            "allow\ta.example\t443\t0\tpublic", "allow\ta..b\t443\t0\tpublic\t0\t1\t1",
            "allow\ta.example\t\t0\tpublic\t0\t1\t1", "allow\ta.example\t70000\t0\tpublic\t0\t1\t1",
            "allow\ta.example\t443\t9\tpublic\t0\t1\t1", "allow\ta.example\t443\t0\tmaybe\t0\t1\t1",
            "allow\ta.example\t443\t0\tpublic\t7\t1\t1", "deny\ta.example\t-1\t0\t1\t1",
            "host\ta.example\t1.2.3\t0\t1\t1", "loopback\tx\t0\t1\t1", "narrowed\tx\t0\t1\t1",
        ])
    func refuses(line: String) throws {
        let start = "\(PublishedPolicy.format)\nworkspace\t/w\nsource\t/p.yaml\n"
        // The control: the lines before it are fine.
        #expect(throws: Never.self) { try PublishedPolicyReader.read(Array(start.utf8)) }
        #expect(throws: PublishedPolicyReader.Malformed.self) {
            try PublishedPolicyReader.read(Array("\(start)\(line)\n".utf8))
        }
    }
}
