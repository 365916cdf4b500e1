internal import ArgumentParser
internal import Sandbox

/// `mews agent`: coding agents that run their commands by Mews.
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Wire Mews into a coding agent.", version: "mews \(Version.number)",
        subcommands: [
            AgentInstallCommand.self, AgentStatusCommand.self, AgentRemoveCommand.self, AgentHookCommand.self,
        ])

    /// The agents that there is something for.
    ///
    /// - Throws: `usage` after saying which.
    static func check(_ name: String) throws(Outcome) {
        guard name == AgentRecord.agent else {
            Output.complain("there is nothing for that agent in this version; known is \(AgentRecord.agent)")
            throw .usage
        }
    }

    /// Does something with files; what can't be done is said.
    static func attempt(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as OwnFile.Refusal {
            Output.complain(error.reason)
            throw Outcome.undecided
        } catch let error as AgentSettings.Refusal {
            Output.complain(error.reason)
            throw Outcome.undecided
        }
    }
}
