internal import Sandbox
internal import ArgumentParser
internal import Profile

/// `mews profile schema`: the format as JSON Schema.
struct ProfileSchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the format of profiles as JSON Schema 2020-12.",
        version: "mews \(Version.number)")

    func run() {
        Output.answer(ProfileSchema.json())
    }
}
