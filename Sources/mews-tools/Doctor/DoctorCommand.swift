internal import ArgumentParser

/// `mews doctor`: what this host can enforce.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Try every layer, and tell what to do about what is missing.",
        version: "mews \(Version.number)")

    @Flag(help: "Print a JSON object instead of a table.")
    var json = false

    func run() throws {
    }
}
