internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews agent status claude-code`.
struct AgentStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell what is set up for an agent, and what that holds.",
        discussion: "The status is 0 when its commands run by Mews, by all that is written down, else 1.",
        version: "mews \(Version.number)")

    @Argument(help: "The agent: claude-code.")
    var agent: String

    func run() throws {
        try AgentCommand.check(agent)
        var holds = false
        try AgentCommand.attempt {
            for managed in [true, false] {
                let setup = try AgentSetup(managed: managed)
                let (lines, isWhole) = try Self.look(at: setup)
                Output.answer(lines.joined(separator: "\n") + "\n")
                holds = holds || isWhole
            }
        }
        Output.answer(Self.table)
        if !holds { throw Outcome.no }
    }

    private static func look(at setup: AgentSetup) throws -> ([String], isWhole: Bool) {
        let whose = setup.isManaged ? "all users" : "you"
        let record: AgentRecord?
        do throws(SandboxError) {
            record = try AgentRecord.read(
                setup.record.path, owners: setup.isManaged ? [0] : [setup.facts.user, 0])
        } catch {
            return (["commands, for \(whose): \(error.description)"], false)
        }
        let own = OwnFile(setup.settings.path, user: setup.isManaged ? 0 : setup.facts.user)
        let settings = try own.content().map {
            AgentSettings($0, prefix: "\(setup.prefix)", hooks: setup.hooks)
        }
        var lines: [String] = []
        guard let record else {
            lines.append("commands, for \(whose): not set up")
            if settings?.hasPrefix == true {
                lines.append("  \(setup.settings.path) has the prefix, so every command is refused")
            }
            return (lines + session(setup), false)
        }
        lines.append("commands, for \(whose): profile \(record.profile)")
        let missing = settings?.missingHooks.map(\.event) ?? setup.hooks.map(\.event)
        let hasPrefix = settings?.hasPrefix == true
        lines.append("  prefix \(setup.prefix): \(hasPrefix ? "set" : "missing") in \(setup.settings.path)")
        lines.append("  hooks: \(missing.isEmpty ? "all" : "missing \(missing.joined(separator: ", "))")")
        return (lines + session(setup), hasPrefix && missing.isEmpty)
    }

    private static func session(_ setup: AgentSetup) -> [String] {
        guard !setup.isManaged, let state = setup.sessionState else { return [] }
        let isThere = (try? Files.status(CString(state.appending("settings.json")))) != nil
        return ["whole sessions: \(state) \(isThere ? "is prepared" : "isn't prepared (--seed)")"]
    }

    /// The same as in README.md.
    private static let table = """

        what                                    mews run -p claude-code   mews-shell for each command
        commands of the Bash tool               held                      held
        Read, Write, Edit, WebFetch, HTTP MCP   held                      not held: they are the agent's own
        MCP over stdio, hooks, status line      held                      held: they come through the prefix
        the agent's settings                    read-only inside          can't be written by commands
        your keys and login outside             not seen                  not seen by commands; the agent has its own
        hosts                                   those of the profile      commands: those; the agent: all
        a server started by an earlier call     reached                   not reached: each call is a sandbox of its own
        the agent drops the prefix              can't matter              the next call is refused by the hook; without
                                                                          hooks, not held

        """
}
