internal import Sandbox
internal import ArgumentParser

/// `mews profile`: the profiles, and what they add up to.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "The profiles, and what they add up to.",
        version: "mews \(Version.number)",
        subcommands: [
            ProfileListCommand.self, ProfileShowCommand.self, ProfileCheckCommand.self,
            ProfileSchemaCommand.self,
        ])
}
