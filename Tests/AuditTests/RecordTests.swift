import Audit
import Foundation
import Linux
import TestSupport
import Testing

@Suite("A record says what happened in one way of writing")
struct RecordTests {
    @Test("every kind of event is canonical, in the chain, and adds up in the end")
    func everyEvent() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        let process = AuditedProcess(process: 3, hostProcess: 900, name: [0x61], program: nil)
        for subject in [
            .file(.rename, AuditFixture.bytes("/a"), type: .directory, second: AuditFixture.bytes("/b")),
            .file(.open, AuditFixture.bytes("/")), .socketPath(AuditFixture.bytes("/run/docker.sock")),
            .socket(family: 38, type: 5, protocol: 0, familyName: "AF_ALG"), .call(arguments: [.max, 0]),
            .call(),
        ] as [Denial.Subject] {
            let denial = Denial(
                subject, .filter, call: "socket", errno: Errno(97), process: process,
                rule: AuditedRule(text: "x", origin: "p.yaml:3:1"), message: "No.", fix: "unix: [/a]")
            try log.append(denial, at: fixture.now)
        }
        let policy = AuditFixture.start().policy
        try log.append(.policyLoaded(PolicyLoading(policy: policy, notes: ["one"])), at: fixture.now)
        try log.append(.commandExec(execution()), at: fixture.now)
        for outcome in [.status(2), .signal(9), .unknown] as [CommandExit.Outcome] {
            var exit = CommandExit(
                process: 2, hostProcess: 9, program: AuditFixture.bytes("/bin/sh"), outcome: outcome,
                milliseconds: 5, peakMemory: 1024)
            exit.parent = AuditedParent(process: 1, name: [0xff])
            try log.append(.commandExit(exit), at: fixture.now)
        }
        var limit = LimitExcess(
            name: "time", threshold: 1000, unit: .milliseconds, value: 1001, message: "Too long.")
        limit.rule = AuditedRule(text: "process.limits.time: 1s", origin: "team.yaml:3:9")
        try log.append(.limitExceeded(limit), at: fixture.now)
        try log.finish(SessionEnd(cause: .timeout, status: 124), at: fixture.now)
        let records = try fixture.records()
        #expect(records.count == 14)
        #expect(records.addsUp)
        for record in records {
            let (type, kind) = (record["type_uid"]?.number, record["class_uid"]?.number ?? 0)
            #expect(type == kind * 100 + (record["activity_id"]?.number ?? -1))
            #expect(record["category_uid"]?.number == kind / 1000)
        }
        let ends = records.of("command.exit")
        #expect(ends.map { $0["status_id"]?.number } == [2, 2, 0])
        #expect(ends.last?["process", "parent_process", "name_b64"]?.text == "/w==")
        #expect(records[4]["status_code"]?.text == "EAFNOSUPPORT")
        #expect(records[5]["unmapped", "mews", "arguments"]?.elements.first?.text == "0xffffffffffffffff")
    }

    private func execution() -> CommandExecution {
        CommandExecution(
            process: 2, hostProcess: 9, program: AuditFixture.bytes("/bin/sh"),
            arguments: ["sh", "-c", "it's"].map(AuditFixture.bytes),
            workingDirectory: AuditFixture.bytes("/w"))
    }

    @Test("a command line reads as sh(1) would read it")
    func commandLine() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        try log.append(.commandExec(execution()), at: fixture.now)
        #expect(try fixture.records()[1]["process", "cmd_line"]?.text == #"sh -c 'it'\''s'"#)
    }

    @Test("what acts on a terminal or hides text is escaped, the rest stands as itself")
    func escapes() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        let path = "/\"\\\u{8}\t\n\u{c}\r\u{1b}[2J\u{7f}\u{85}\u{61c}\u{200b}\u{202e}\u{2066}\u{feff}/ä€𝄞"
        try log.append(AuditFixture.denial(path), at: fixture.now)
        let text = String(decoding: try fixture.bytes(), as: UTF8.self)
        let escaped =
            #"/\"\\\b\t\n\f\r\u001b[2J\u007f\u0085\u061c\u200b\u202e\u2066\ufeff/ä€𝄞"#
        #expect(text.contains("\"path\":\"\(escaped)\""))
        #expect(try fixture.records()[1]["file", "path"]?.text == path)
    }

    @Test("bytes that aren't UTF-8 are replaced and kept beside", arguments: 0..<200)
    func badBytes(seed: UInt64) throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        var random = SplitMix(seed: seed)
        // Bytes that begin or continue sequences, and those at the edges of what is allowed.
        let choice: [UInt8] = [
            0x2f, 0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4,
            0xf5,
            0xff,
        ]
        let path =
            [0x2f]
            + (0..<Int.random(in: 1...24, using: &random)).map { _ in
                choice.randomElement(using: &random) ?? 0
            }
        try log.append(AuditFixture.denial(path), at: fixture.now)
        let file = try #require(try fixture.records()[1]["file"])
        #expect(file["path"]?.text == String(decoding: path, as: UTF8.self))
        let isText = String(validating: path, as: UTF8.self) != nil
        #expect(file["path_b64"]?.text == (isText ? nil : Data(path).base64EncodedString()))
    }

    @Test("arguments that aren't all text are all kept beside")
    func badArguments() throws {
        let fixture = try AuditFixture()
        var log = try AuditLog(
            in: AuditDirectory(stateHome: fixture.stateHome, user: fixture.user), of: fixture.owner,
            AuditSettings())
        var start = AuditFixture.start()
        start.arguments = [[0x61], [0xff]]
        try log.start(start, at: fixture.now)
        let mews = try #require(try fixture.records()[0]["unmapped", "mews"])
        #expect(mews["argv"]?.elements == [.text("a"), .text("\u{fffd}")])
        #expect(mews["argv_b64"]?.elements == [.text("YQ=="), .text("/w==")])
    }

    @Test(
        "the longest and worst texts fit, and what was cut is told", arguments: [0x61, 0x01, 0xff] as [UInt8])
    func longest(byte: UInt8) throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        let text = [UInt8](repeating: byte, count: 70_000)
        let process = AuditedProcess(process: 3, name: text, program: text)
        let message = String(decoding: text, as: UTF8.self)
        let denial = Denial(
            .file(.rename, text, second: text), .masked, call: "rename", errno: nil, process: process,
            rule: AuditedRule(text: message, origin: message), message: message, fix: message)
        try log.append(denial, at: fixture.now)
        var execution = execution()
        execution.arguments = [[UInt8]](repeating: text, count: 3000)
        try log.append(.commandExec(execution), at: fixture.now)
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let records = try fixture.records()
        #expect(records[1]["metadata", "is_truncated"] == .flag(true))
        #expect(records[1]["unmapped", "mews", "cut", "file.path"]?.number == 70_000)
        #expect(records[0]["metadata", "is_truncated"] == nil)
    }

    @Test("a cut goes between characters")
    func cutBetweenCharacters() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        let path = "/ab" + String(repeating: "€", count: 3000)
        try log.append(AuditFixture.denial(path), at: fixture.now)
        let file = try #require(try fixture.records()[1]["file"])
        #expect(file["path"]?.text == "/ab" + String(repeating: "€", count: 1364))
        #expect(file["path_b64"] == nil)
    }

    @Test(
        "what looks like a secret isn't recorded",
        arguments: [
            ["curl", "-H", "Authorization: Bearer HIDE"], ["x", "--token", "HIDE"], ["x", "--api-key=HIDE"],
            ["env", "GITHUB_TOKEN=HIDE", "x"], ["git", "clone", "https://me:HIDE@host/x"],
            ["sh", "-c", "export DB_PASSWORD='HIDE'; run"], ["x", "sk-ant-HIDEHIDEHIDEHIDEHIDE"],
            ["x", "listed-HIDE"],
        ])
    func secrets(arguments: [String]) throws {
        let fixture = try AuditFixture()
        var log = try AuditLog(
            in: AuditDirectory(stateHome: fixture.stateHome, user: fixture.user), of: fixture.owner,
            AuditSettings())
        var start = AuditFixture.start(arguments)
        start.redacted = [AuditFixture.bytes("listed-HIDE")]
        try log.start(start, at: fixture.now)
        let text = String(decoding: try fixture.bytes(), as: UTF8.self)
        #expect(!text.contains("HIDE"))
        #expect(try fixture.records()[0]["unmapped", "mews", "redacted"]?.number == 1)
    }

    @Test(
        "what doesn't look like a secret is recorded",
        arguments: [
            ["git", "log", "--author=me"], ["npm", "install", "tokenizer"], ["ssh", "git@host"],
            ["curl", "https://host/a@b"], ["x", "--no-color", "sk-1"],
        ])
    func noSecrets(arguments: [String]) throws {
        let fixture = try AuditFixture()
        var log = try AuditLog(
            in: AuditDirectory(stateHome: fixture.stateHome, user: fixture.user), of: fixture.owner,
            AuditSettings())
        try log.start(AuditFixture.start(arguments), at: fixture.now)
        #expect(
            try fixture.records()[0]["unmapped", "mews", "argv"]?.elements == arguments.map(JSONValue.text))
    }
}
