internal import ArgumentParser
internal import Linux
internal import Profile
internal import Sandbox

/// `mews profile list`: the profiles that can be named.
struct ProfileListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the profiles that can be named, the user's own first.",
        version: "mews \(Version.number)")

    func run() throws {
        let host = try ProfileHost()
        let rows = host.profiles.map { profile in
            [profile.name, profile.kind == .builtIn ? "built-in" : "user", host.description(of: profile)]
        }
        Output.answer(TextTable(rows).description)
    }
}
