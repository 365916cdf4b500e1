internal import ArgumentParser
internal import Linux
internal import Profile
internal import Sandbox

/// `mews profile check`: everything that is wrong with profiles.
struct ProfileCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell everything that is wrong with profiles.",
        discussion: """
            Each line is FILE:LINE:COL: what is wrong; what to write instead. What a profile extends is checked \
            with it. A file named .mews.yaml is checked as the one of a repository. The status is 1 when \
            anything is wrong. Checks under `tests:` are read, not run.
            """,
        version: "mews \(Version.number)")

    @Argument(help: "Names or files of profiles; none: all that can be named.")
    var profiles: [String] = []

    func run() throws {
        let host = try ProfileHost()
        let names = profiles.isEmpty ? host.profiles.map(\.name) : profiles
        var told: Set<Diagnostic> = []
        for name in names {
            for diagnostic in Self.diagnostics(of: name, host) where told.insert(diagnostic).inserted {
                Output.answer("\(diagnostic)\n")
            }
        }
        guard told.isEmpty else { throw Outcome.no }
        Output.answer("nothing is wrong with \(names.joined(separator: ", "))\n")
    }

    /// By way of the merger, because a circle or a grant below a denial shows only there.
    private static func diagnostics(of name: String, _ host: ProfileHost) -> [Diagnostic] {
        var request = PolicyRequest(currentDirectory: host.facts.currentDirectory)
        if name.split(separator: "/").last == ".mews.yaml" {
            guard let file = path(name, host), (try? Files.status(CString(file))) != nil else {
                let origin = Origin(authority: .repository, source: name)
                return [Diagnostic(origin, "there is no such file", remedy: "check the path")]
            }
            request.repositoryFile = file
        } else {
            request.profiles = [name]
        }
        do throws(ProfileError) {
            _ = try host.builder.policy(for: request)
            return []
        } catch {
            return error.diagnostics.map { renamed($0, name) }
        }
    }

    /// The merger takes a name for the value of an option that nobody wrote here.
    private static func renamed(_ diagnostic: Diagnostic, _ name: String) -> Diagnostic {
        guard diagnostic.origin.source == "--profile" else { return diagnostic }
        let shown = name.isEmpty ? "''" : PrintableText.escape(Array(name.utf8))
        return Diagnostic(
            Origin(authority: .user, source: shown), diagnostic.problem, remedy: diagnostic.remedy)
    }

    private static func path(_ name: String, _ host: ProfileHost) -> AbsolutePath? {
        if name.hasPrefix("/") { return AbsolutePath(name) }
        let relative = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
        return host.facts.currentDirectory.appending(relative: Array(relative.utf8))
    }
}
