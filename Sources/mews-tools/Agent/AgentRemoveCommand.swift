internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews agent remove claude-code`.
struct AgentRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Have an agent run its commands by itself again.",
        discussion: """
            The settings are put back as they were before `mews agent install`, byte for byte. Where they were changed \
            since, only what was put in is taken out. Directories that were made for it go when they are empty. The state of whole sessions stays.
            """,
        version: "mews \(Version.number)")

    @Argument(help: "The agent: claude-code.")
    var agent: String
    @Flag(help: "For all users of the machine.")
    var managed = false

    func run() throws {
        try AgentCommand.check(agent)
        let setup = try AgentSetup(managed: managed)
        try AgentCommand.attempt {
            let current = try setup.settings.content()
            if let current {
                let original = try setup.original(of: current)
                if let original {
                    if original != current { try setup.settings.replace(with: original) }
                } else {
                    try setup.settings.remove()
                }
            }
            let made = try setup.readReceipt()?.made ?? []
            // The record last: with the prefix and without it no command would run.
            for file in [setup.record, setup.backup, setup.receipt] { try file.remove() }
            OwnFile.removeEmpty(made)
            Output.answer("\(setup.settings.path) is as it was\n")
        }
    }
}
