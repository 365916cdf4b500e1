internal import Audit
internal import Linux
internal import Sandbox

/// What Claude Code tells a hook: one JSON object on standard input.
struct AgentEvent {
    /// The call is refused, or the hook couldn't do its work; the sentence goes to the model.
    struct Refusal: Error {
        /// What and why.
        let reason: String
    }

    /// The object.
    let input: JSONTree.Value
    /// The user, with the places that were settled by `mews agent install`.
    let facts: HostFacts
    /// What was settled; nil in a sandbox, where nothing of it can be read.
    let record: AgentRecord?
    /// The object's bytes.
    let bytes: [UInt8]

    /// Tools write whole files by their input.
    private static let mostBytes = 32 << 20

    /// Reads it.
    init(standardInput: Int32) throws(Refusal) {
        do throws(Errno) {
            guard let bytes = try Files.readAll(standardInput, limit: Self.mostBytes) else {
                throw Errno.invalidArgument
            }
            self.bytes = bytes
        } catch {
            throw Refusal(reason: "the hook's input can't be read: \(error)")
        }
        do throws(JSONTree.Malformed) {
            input = try JSONTree(bytes).root
        } catch {
            throw Refusal(reason: "the hook's input isn't JSON (byte \(error.position))")
        }
        do throws(SandboxError) {
            var facts = try HostReader.facts()
            record = Inside.isHere() ? nil : try AgentRecord.find(user: facts.user, home: facts.home)
            if let record {
                facts.settle(
                    HostFacts.Places(
                        home: record.home ?? AgentRecord.home(of: facts.user, facts.home),
                        variables: record.variables, names: AgentRecord.placeVariables))
            }
            self.facts = facts
        } catch {
            throw Refusal(reason: error.description)
        }
    }

    /// The call as records name it.
    var call: AuditedAgent {
        var agent = AuditedAgent(name: AgentRecord.agent)
        agent.session = name("session_id")
        agent.toolUse = name("tool_use_id")
        agent.delegate = name("agent_id")
        return agent
    }

    private func name(_ member: String) -> String? {
        input[member]?.text.flatMap { AuditedAgent.isName($0) ? $0 : nil }
    }

    /// Answers with what the model is to know besides.
    static func answer(event: String, context: String) {
        Output.answer(
            "{\"hookSpecificOutput\":{\"hookEventName\":\"\(event)\",\"additionalContext\":\(quoted(context))}}\n"
        )
    }

    /// A text as JSON has it.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
