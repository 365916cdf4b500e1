internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews agent hook claude-code NAME`: what Claude Code's settings call.
///
/// Whatever goes wrong ends with 2, which Claude Code takes for a refusal. A hook that is killed lets the call
/// through: the prefix is the wall, and the hook isn't.
struct AgentHookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook", abstract: "What an agent's settings call; nothing for people.",
        version: "mews \(Version.number)", shouldDisplay: false)

    @Argument(help: "The agent: claude-code.")
    var agent: String
    @Argument(help: "Which hook.")
    var name: String

    func run() throws {
        guard agent == AgentRecord.agent, let hook = AgentHook(rawValue: name) else {
            Output.complain("there is no hook \(PrintableText.escape(Array(name.utf8))) of that agent")
            throw Outcome.usage
        }
        do {
            let event = try AgentEvent(standardInput: 0)
            switch hook {
            case .sessionStart: try event.tellWhatIsAllowed()
            case .preToolUse: try event.checkCall()
            case .postToolUse: try event.tellWhatWasDenied()
            case .configChange: try event.recordChange()
            }
        } catch let refusal as AgentEvent.Refusal {
            Output.complain(refusal.reason)
            throw Outcome.usage
        } catch {
            Output.complain("the hook failed: \(error)")
            throw Outcome.usage
        }
    }
}
