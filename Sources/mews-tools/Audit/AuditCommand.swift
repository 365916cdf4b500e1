internal import ArgumentParser
internal import Sandbox

/// `mews audit`: what was written down of sessions.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read and verify what was written down of sessions.",
        version: "mews \(Version.number)",
        subcommands: [
            AuditShowCommand.self, AuditPathCommand.self, AuditTailCommand.self, AuditVerifyCommand.self,
        ])
}
