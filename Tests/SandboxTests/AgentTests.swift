import Audit
import Linux
import Testing

@testable import Sandbox

@Suite("What an agent hands to its prefix is taken apart, or taken as it is")
struct AgentStringTests {
    private static let tail = "' < /dev/null && pwd -P >| /tmp/claude-1a2b-cwd"
    private static let snapshot = "/home/kim/.claude/shell-snapshots/snapshot-bash-1-ab.sh"

    private func parts(_ text: String, temporary: [String] = ["/tmp"]) -> AgentString {
        AgentString(
            Array(text.utf8), snapshots: AbsolutePath("/home/kim/.claude/shell-snapshots"),
            temporary: temporary.compactMap { AbsolutePath($0) })
    }

    @Test("The form in which Claude Code writes it")
    func form() throws {
        let parts = parts(
            "source \(Self.snapshot) 2>/dev/null || true && shopt -u extglob 2>/dev/null || true && eval 'echo '\"'\"'a b'\"'\"'\(Self.tail)"
        )
        #expect(parts.snapshot?.description == Self.snapshot)
        #expect(parts.command.map { String(decoding: $0, as: UTF8.self) } == "echo 'a b'")
        #expect(parts.directoryFile?.description == "/tmp/claude-1a2b-cwd")
    }

    @Test(
        "Quotes are read as a shell reads them",
        arguments: [
            ("'a b'", "a b"), ("\"a \\\"b\\\" \\n\"", "a \"b\" \\n"), ("a\\ b", "a b"), ("'a'\\''b'", "a'b"),
        ])
    func quotes(_ text: String, _ command: String) {
        #expect(
            parts("eval \(text) < /dev/null").command.map { String(decoding: $0, as: UTF8.self) } == command)
    }

    @Test(
        "What a shell would expand, or isn't closed, isn't understood",
        arguments: ["\"$(x)\"", "`x`", "$x", "'x", "\"x", "a;b"])
    func unknown(_ text: String) {
        #expect(parts("eval \(text)").command == nil)
    }

    @Test("The file lies in the private /tmp, whatever directory the agent has for it")
    func elsewhere() {
        let text = "true && pwd -P >| /var/claude/claude-x-cwd"
        #expect(parts(text).directoryFile == nil)
        #expect(parts(text).text == Array(text.utf8))
        let known = parts(text, temporary: ["/var/claude"])
        #expect(known.directoryFile?.description == "/var/claude/claude-x-cwd")
        #expect(known.text == Array("true && pwd -P >| /tmp/claude-x-cwd".utf8))
    }

    @Test(
        "No other file is ever written",
        arguments: [
            "true && pwd -P >| /tmp/other", "true && pwd -P >| /tmp/claude-x", "true && pwd -P >| /tmp/x-cwd",
            "true && pwd -P >| /tmp/a/claude-x-cwd", "true && pwd -P >| /tmp/../claude-x-cwd",
            "true && pwd -P >| /tmp/claude-x-cwd; true", "true && pwd -P >| /tmp/claude-$x-cwd",
            "true && pwd -P > /tmp/claude-x-cwd", "true; pwd -P >| /tmp/claude-x-cwd",
            "true && pwd -P >| '/tmp/claude-\n-cwd'", "true && pwd -P >| /tmp/claude-x-cwd ",
        ])
    func otherFiles(_ text: String) {
        #expect(parts(text).directoryFile == nil)
        #expect(parts(text).text == Array(text.utf8))
    }

    @Test(
        "Only a snapshot is granted",
        arguments: [
            "source /home/kim/.claude/settings.json", "source /home/kim/.claude/shell-snapshots/x.sh",
            "source /home/kim/.claude/shell-snapshots/snapshot-a/../../x.sh", "source ~/.ssh/id",
            " source \(snapshot)", "echo source \(snapshot)",
            "source /home/kim/.claude/shell-snapshots/sub/snapshot-bash.sh",
        ])
    func otherSnapshots(_ text: String) {
        #expect(parts(text).snapshot == nil)
    }

    @Test(
        "Only one directory of the workspace is handed back",
        arguments: [
            ("/w/a\n", true), ("/w", true), ("/w/a", true), ("/wa\n", false), ("/w/../etc\n", false),
            ("a\n", false),
            ("/w/a\n/w/b\n", false), ("", false), ("/w/a\0\n", false), ("/w//a\n", false),
        ])
    func directory(_ text: String, _ isOne: Bool) throws {
        let workspace = try #require(AbsolutePath("/w"))
        #expect((AgentString.directory(Array(text.utf8), in: workspace) != nil) == isOne)
    }
}

@Suite("What was settled for an agent is read as a whole or not at all")
struct AgentRecordTests {
    private var record: AgentRecord {
        var record = AgentRecord(profile: "claude-code-command")
        record.home = AbsolutePath("/home/kim")
        record.state = AbsolutePath("/home/kim/.claude")
        record.variables = [Array("XDG_STATE_HOME=/s t".utf8)]
        record.hooks = [AgentRecord.Hook(name: "session-start", line: Array("/p/bin/mews agent hook".utf8))]
        return record
    }

    @Test("What is written is read again")
    func roundTrip() throws {
        #expect(AgentRecord(try #require(record.bytes)) == record)
    }

    @Test("A line that isn't known, is cut or stands twice makes it none")
    func malformed() throws {
        let text = String(decoding: try #require(record.bytes), as: UTF8.self)
        #expect(AgentRecord(Array(text.dropLast().utf8)) == nil)
        for line in ["x y\n", "profile other\n", "home relative\n", "profile\n", "variable PATH=/x\n", "\n"] {
            #expect(AgentRecord(Array((text + line).utf8)) == nil, "\(line)")
        }
        #expect(AgentRecord(Array("mews.agent.v2 claude-code\nprofile x\n".utf8)) == nil)
    }

    @Test("A value with a line feed can't be written")
    func lineFeed() {
        var record = record
        record.hooks[0].line = Array("a\nprofile x".utf8)
        #expect(record.bytes == nil)
    }
}

@Suite("A call of an agent's tool is known again by its note")
struct AgentCallsTests {
    private let tree: TemporaryTree
    private let calls: AgentCalls
    private var random = SystemRandomNumberGenerator()

    init() throws {
        tree = try TemporaryTree()
        let facts = HostFacts(
            user: Processes.identity().user, group: 0, userName: [], home: tree.path, environment: [],
            currentDirectory: tree.path)
        calls = try #require(AgentCalls(facts))
    }

    private func claim(_ session: String, _ command: String?) -> AuditedAgent? {
        var agent = AuditedAgent(name: "claude-code", session: session)
        var random = SystemRandomNumberGenerator()
        let own = SessionIdentifier(milliseconds: 1, using: &random)
        let isFound = calls.claim(&agent, command: command.map { Array($0.utf8) }, session: own)
        if isFound { #expect(calls.session(of: agent) == own.description) }
        return isFound ? agent : nil
    }

    private func leave(_ session: String, _ call: String, _ command: String, by delegate: String? = nil)
        throws
    {
        try calls.leave(
            AuditedAgent(name: "claude-code", session: session, toolUse: call, delegate: delegate),
            command: Array(command.utf8))
    }

    @Test("By the command's text, each note once")
    func byText() throws {
        try leave("s", "toolu_1", "make")
        try leave("s", "toolu_2", "ls", by: "agent-1")
        #expect(claim("s", "ls")?.toolUse == "toolu_2")
        try leave("s", "toolu_2", "ls", by: "agent-1")
        #expect(claim("s", "ls")?.delegate == "agent-1")
        #expect(claim("s", "ls")?.toolUse == "toolu_1", "the only one that is left")
        #expect(claim("s", "ls") == nil)
    }

    @Test("Not by another session's, nor by a guess among several")
    func noGuess() throws {
        try leave("s", "toolu_1", "make")
        try leave("s", "toolu_2", "ls")
        #expect(claim("t", "make") == nil)
        #expect(claim("s", "make | cat") == nil)
        #expect(claim("s", "ls")?.toolUse == "toolu_2")
        #expect(claim("s", nil) == nil, "a hook of the user's own is no call")
        #expect(claim("../s", "make") == nil)
    }

    @Test("A note that nobody took up tells that the command ran elsewhere")
    func forgotten() throws {
        try leave("s", "toolu_1", "make")
        let call = AuditedAgent(name: "claude-code", session: "s", toolUse: "toolu_1")
        #expect(calls.session(of: call) == nil)
        #expect(calls.forget(call))
        #expect(!calls.forget(call))
    }
}

@Suite("JSON is read with the places of its values")
struct JSONTreeTests {
    @Test("Members, elements and texts")
    func values() throws {
        let bytes = Array("{ \"a\": [1, -0.5e+3, true, null], \"b\\u0041\": \"\\ud83d\\ude00\\n\" }".utf8)
        let root = try JSONTree(bytes).root
        #expect(root["a"]?.elements?.count == 4)
        #expect(root["bA"]?.text == "\u{1f600}\n")
        let range = try #require(root["a"]?.range)
        #expect(String(decoding: bytes[range], as: UTF8.self) == "[1, -0.5e+3, true, null]")
    }

    @Test(
        "What isn't JSON is refused",
        arguments: [
            "", "{", "{\"a\":1,}", "[1,]", "{\"a\":1 \"b\":2}", "01", "1.", "\"\\x\"", "\"\u{1}\"",
            "{\"a\":1,\"a\":2}",
            "{a:1}", "nul", "[1] 2", "\"\\u12\"", "-", "//x\n{}",
        ])
    func malformed(_ text: String) {
        #expect(throws: JSONTree.Malformed.self) { try JSONTree(Array(text.utf8)) }
    }

    @Test("Depth has a bound")
    func depth() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONTree.Malformed.self) { try JSONTree(Array(text.utf8)) }
    }
}
