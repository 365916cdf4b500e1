internal import ArgumentParser
internal import Audit
internal import Linux
internal import Profile
internal import Sandbox

/// `mews agent install claude-code`.
struct AgentInstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Have an agent run its commands by Mews.",
        discussion: """
            Puts the prefix mews-shell and five hooks into the agent's settings, keeps a copy of the settings as they \
            were, and writes down the profile where no profile can grant anything. Everything else in the settings \
            stays as it is; a second time nothing changes. With --managed it is done for all users of the machine, as a \
            file of their own among the managed settings. With --seed nothing of that is done: the login and a few \
            preferences are copied, once, for whole sessions by `mews run -p claude-code`.
            """,
        version: "mews \(Version.number)")

    @Argument(help: "The agent: claude-code.")
    var agent: String
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The profile that its commands run under.", valueName: "name|path"))
    var profile = "claude-code-command"
    @Flag(help: "For all users of the machine.")
    var managed = false
    @Flag(help: "Copy login and preferences for whole sessions.")
    var seed = false
    /// For tests whose host keeps its own device from users.
    @Option(help: .hidden)
    var fuseDevice: String?

    func run() throws {
        try AgentCommand.check(agent)
        let setup = try AgentSetup(managed: managed)
        if seed {
            guard !managed else {
                Output.complain("--seed is each user's own")
                throw Outcome.usage
            }
            return try AgentCommand.attempt { try AgentSeed(setup).plant() }
        }
        guard setup.hasPlainPrefix else {
            Output.complain("\(setup.prefix) has characters that a prefix can't have; install Mews elsewhere")
            throw Outcome.undecided
        }
        guard (try? Files.targetStatus(CString(setup.prefix))) != nil else {
            Output.complain("there is no \(setup.prefix); the installation is incomplete")
            throw Outcome.undecided
        }
        let path = try profilePath(setup)
        try requireSound(path, setup)
        try AgentCommand.attempt { try install(setup, path) }
    }

    /// A profile's path as it holds everywhere.
    private func profilePath(_ setup: AgentSetup) throws -> String {
        guard profile.contains("/") || profile.hasSuffix(".yaml") else { return profile }
        return "\(try LogChoice.path(profile, setup.facts))"
    }

    /// A profile that can't be used would refuse every command.
    private func requireSound(_ profile: String, _ setup: AgentSetup) throws {
        let facts = setup.facts
        do throws(ProfileError) {
            // Any workspace will do.
            let builder = Preparation.builder(
                facts, AbsolutePath.root.appending("workspace"), setup.installation)
            _ = try builder.policy(
                for: PolicyRequest(profiles: [profile], currentDirectory: facts.currentDirectory))
        } catch {
            for diagnostic in error.diagnostics { Output.complain("\(diagnostic)") }
            throw Outcome.undecided
        }
    }

    private func install(_ setup: AgentSetup, _ profile: String) throws {
        let current = try setup.settings.content()
        let original = try setup.original(of: current)
        var settings = AgentSettings(original ?? [], prefix: "\(setup.prefix)", hooks: setup.hooks)
        try settings.insert()
        guard
            let record = setup.record(
                profile: profile, skeletonDevice: fuseDevice.flatMap { AbsolutePath($0) }
            ).bytes
        else { throw OwnFile.Refusal(reason: "a path has a line feed in it") }
        let made = try setup.missingDirectories()
        // The record first: with the prefix and without it no command would run.
        try setup.record.replace(with: record, mode: setup.isManaged ? 0o644 : 0o600)
        guard settings.bytes != current else {
            return Output.answer("nothing to do: \(setup.settings.path) has the prefix and the hooks\n")
        }
        try setup.backup.replace(with: original ?? [])
        try setup.writeReceipt(for: settings.bytes, existed: original != nil, made: made)
        try setup.settings.replace(with: settings.bytes, mode: setup.isManaged ? 0o644 : 0o600)
        Output.answer(
            """
            \(setup.settings.path): the prefix \(setup.prefix) and \(setup.hooks.count) hooks are set
            \(setup.record.path): commands run under the profile \(profile)
            \(setup.backup.path): the settings as they were

            """)
    }
}
