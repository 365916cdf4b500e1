import Linux
import Testing

@testable import Profile

@Suite("What is written to the log is the user's to say, and a repository can only ask for more")
struct AuditKeysTests {
    @Test("without a line the defaults hold")
    func defaults() throws {
        let audit = try TestHost().policy(of: "version: 1\n").audit
        #expect(audit.level.value == .denied)
        #expect(audit.reads.value == .auto)
        #expect(audit.durability.value == .process)
        #expect(audit.onFailure.value == .stop)
        #expect(audit.retain.value == 90 * 24 * 3600 * 1000)
        #expect(audit.redact.isEmpty)
        #expect(audit.level.origin.source == "default")
    }

    @Test("every key is read, and keeps its line")
    func reads() throws {
        let audit = try TestHost().policy(
            of: """
                version: 1
                audit:
                  level: commands
                  reads: off
                  durability: power
                  on-failure: gap
                  retain: 2d
                  redact: [hunter2, 12345]
                """
        ).audit
        #expect(audit.level.value == .commands)
        #expect(audit.reads.value == .off)
        #expect(audit.durability.value == .power)
        #expect(audit.onFailure.value == .gap)
        #expect(audit.retain.value == 2 * 24 * 3600 * 1000)
        #expect(audit.redact.map(\.value) == ["hunter2", "12345"])
        #expect(audit.reads.origin.description == "/p/test.yaml:4:10")
        #expect(audit.redact[1].origin.description == "/p/test.yaml:8:21")
    }

    @Test("of two layers of the user the later wins, and what is replaced unites")
    func merges() throws {
        var host = try TestHost()
        host.files["/p/low.yaml"] =
            "version: 1\naudit: {level: commands, retain: 1d, redact: [a, b], reads: fuse}\n"
        let audit = try host.policy(
            of: "version: 1\nextends: [./low.yaml]\naudit: {level: denied, redact: [b, c]}\n"
        ).audit
        #expect(audit.level.value == .denied)
        #expect(audit.reads.value == .fuse)
        #expect(audit.retain.value == 24 * 3600 * 1000)
        #expect(audit.redact.map(\.value) == ["a", "b", "c"])
    }

    @Test("a repository raises the level and never lowers it")
    func repositoryRaises() throws {
        let host = try TestHost()
        let raised = try host.policy(
            of: "version: 1\n", repository: "version: 1\naudit: {level: commands}\n")
        #expect(raised.audit.level.value == .commands)
        #expect(raised.audit.level.origin.authority == .repository)
        let kept = try host.policy(
            of: "version: 1\naudit: {level: commands}\n", repository: "version: 1\naudit: {}\n")
        #expect(kept.audit.level.origin.authority == .user)
    }

    @Test(
        "a repository holds no other key of the log",
        arguments: [
            "level: denied", "reads: off", "durability: process", "on-failure: gap", "retain: 1d",
            "redact: [secret]",
        ])
    func repositoryRefused(line: String) throws {
        let messages = try TestHost().messages(
            of: "version: 1\n", repository: "version: 1\naudit: {\(line)}\n")
        #expect(messages.count == 1)
        #expect(messages.first?.contains(".mews.yaml:2:") == true)
    }

    @Test(
        "every key is a part of the policy's digest",
        arguments: [
            "level: commands", "reads: off", "durability: power", "on-failure: gap", "retain: 1d",
            "redact: [x]",
        ])
    func isInDigest(line: String) throws {
        let host = try TestHost()
        let plain = try host.policy(of: "version: 1\n").canonicalForm
        #expect(try host.policy(of: "version: 1\naudit: {\(line)}\n").canonicalForm != plain)
    }
}
