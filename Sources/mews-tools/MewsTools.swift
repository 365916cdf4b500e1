internal import Sandbox
internal import ArgumentParser
internal import Linux

/// The verbs that aren't on the way to a sandbox; `mews` becomes this program for them.
@main
struct MewsTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mews",
        abstract: "Runs a command in a sandbox that a profile describes.",
        discussion: "mews --help lists all verbs.",
        version: "mews \(Version.number)",
        subcommands: [
            AgentCommand.self, AuditCommand.self, DoctorCommand.self, ProfileCommand.self, WhyCommand.self,
        ])

    static func main() {
        var arguments: [String] = []
        for argument in Linux.Arguments.commandLine().dropFirst() {
            guard let text = String(validating: argument, as: UTF8.self) else {
                Output.complain(
                    "the argument \(PrintableText.escape(argument)) isn't UTF-8; such a path can be written "
                        + "in a profile, with \\xNN in double quotes")
                Processes.exitNow(Outcome.usage.rawValue)
            }
            arguments.append(text)
        }
        if let later = Self.later(arguments) {
            Output.complain("`mews \(later)` is not in this version")
            Processes.exitNow(Outcome.usage.rawValue)
        }
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let outcome as Outcome {
            Processes.exitNow(outcome.rawValue)
        } catch {
            leave(for: error)
        }
    }

    /// A verb that is planned and not built.
    private static func later(_ arguments: [String]) -> String? {
        let verbs = [
            "profile": ["diff", "test", "learn", "trust", "new"], "audit": ["export", "prune"],
        ]
        guard arguments.count > 1, verbs[arguments[0]]?.contains(arguments[1]) == true else { return nil }
        return "\(arguments[0]) \(arguments[1])"
    }

    /// Help and the version are answers; everything else is a wrong use.
    private static func leave(for error: any Error) -> Never {
        guard exitCode(for: error) != .success else {
            Output.answer(fullMessage(for: error) + "\n")
            Processes.exitNow(Outcome.yes.rawValue)
        }
        Output.complain(message(for: error))
        Processes.exitNow(Outcome.usage.rawValue)
    }

    mutating func run() throws {
        throw CleanExit.helpRequest(self)
    }
}
