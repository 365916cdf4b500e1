internal import ArgumentParser
internal import Profile
internal import Sandbox

/// `mews profile show`: what a launch with the same options would do.
struct ProfileShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the effective policy, each entry with the line behind it.",
        discussion: """
            Takes the options of `mews run` and decides as a launch does, here and now, but makes nothing on the \
            host.
            """,
        version: "mews \(Version.number)")

    @OptionGroup var options: PolicyOptions

    func run() throws {
        let preparation: Preparation
        do throws(LaunchError) {
            preparation = try Self.prepare(options.request)
        } catch {
            error.lines.forEach(Output.complain)
            throw Self.outcome(of: error)
        }
        preparation.notices.forEach(Output.complain)
        Output.answer(PolicyReport(preparation).description)
    }

    /// Decides as a launch does and makes nothing.
    static func prepare(_ request: Preparation.Request) throws(LaunchError) -> Preparation {
        let installation: Installation
        do throws(SandboxError) {
            installation = try Installation()
        } catch {
            throw .sandbox(error)
        }
        return try Preparation(request, installation: installation, changesHost: false)
    }

    /// A wrong option is a wrong use; a wrong file is an answer; a host that doesn't tell is neither.
    static func outcome(of error: LaunchError) -> Outcome {
        switch error {
        case .profile(let diagnostics):
            diagnostics.allSatisfy { $0.origin.source.hasPrefix("--") } ? .usage : .no
        case .sandbox(let error), .unheld(let error, _):
            error.code == .refused ? .no : .undecided
        }
    }
}
