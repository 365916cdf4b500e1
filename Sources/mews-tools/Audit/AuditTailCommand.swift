internal import ArgumentParser
struct AuditTailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tail")
}
