internal import ArgumentParser
struct AuditPathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "path")
}
