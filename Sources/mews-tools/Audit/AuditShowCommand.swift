internal import ArgumentParser
struct AuditShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show")
}
