internal import Audit
internal import Linux
internal import Sandbox

extension AgentEvent {
    private static let prefixVariable = "CLAUDE_CODE_SHELL_PREFIX"

    /// PreToolUse: refuses what would run outside, and leaves a note by which the command is known again.
    func checkCall() throws {
        guard input["tool_name"]?.text == "Bash" else { return }
        if input["tool_input"]?["dangerouslyDisableSandbox"]?.isTrue ?? false {
            throw Refusal(
                reason: "commands can't leave the sandbox (dangerouslyDisableSandbox). Run it inside; "
                    + "`mews why` tells there what isn't allowed and which line the user could add.")
        }
        // Inside a sandbox everything is in it, the agent as well.
        guard !Inside.isHere() else { return }
        try requirePrefix()
        guard let command = input["tool_input"]?["command"]?.text, call.toolUse != nil, call.session != nil
        else {
            throw Refusal(reason: "the hook's input lacks the session, the call or the command")
        }
        guard let calls = AgentCalls(facts) else { throw Refusal(reason: "there is no directory of state") }
        do throws(Errno) {
            try calls.leave(call, command: Array(command.utf8))
        } catch .exists {
            return
        } catch {
            throw Refusal(reason: "the note of the call can't be written: \(error)")
        }
    }

    /// A project's settings can set variables too. Without the prefix the command would run outside.
    private func requirePrefix() throws {
        guard record != nil else {
            throw Refusal(reason: "Mews isn't set up; run mews agent install \(AgentRecord.agent)")
        }
        let prefix = try Installation().shell
        guard let value = facts.value(of: Self.prefixVariable), value == prefix.bytes else {
            throw Refusal(
                reason: "\(Self.prefixVariable) isn't \(prefix) any more, so the command would "
                    + "run outside of the sandbox; look at the settings of the project (env)")
        }
    }

    /// PostToolUse: the denials of the call, for the model.
    func tellWhatWasDenied() throws {
        guard input["tool_name"]?.text == "Bash", !Inside.isHere(), call.toolUse != nil else { return }
        guard let calls = AgentCalls(facts) else { throw Refusal(reason: "there is no directory of state") }
        guard let session = calls.session(of: call) else {
            if calls.forget(call) {
                throw Refusal(
                    reason:
                        "this command did not run in the sandbox: \(Self.prefixVariable) was not in force. Tell the user."
                )
            }
            return
        }
        let log = try LogDirectory(facts).log(of: session)
        var lines: [String] = []
        var count = 0
        do throws(Errno) {
            var stream = try RecordStream(log)
            while let record = try stream.next() {
                guard record.value["metadata", "event_code"]?.text?.hasSuffix(".denied") ?? false else {
                    continue
                }
                count += 1
                if lines.count < Self.mostNamed { lines.append(Self.line(record.value)) }
            }
        } catch {
            throw Refusal(reason: "cannot read \(log): \(error)")
        }
        let event =
            input["hook_event_name"]?.text == "PostToolUseFailure" ? "PostToolUseFailure" : "PostToolUse"
        guard count > 0 else {
            if lacksServer { Self.answer(event: event, context: Self.ownLoopback) }
            return
        }
        if count > lines.count {
            lines.append("- and \(count - lines.count) more: mews audit show \(session)")
        }
        Self.answer(
            event: event,
            context: "The sandbox (Mews) denied in this call:\n" + lines.joined(separator: "\n")
                + "\nThis is the user's policy: don't work around it. If the task needs it, show the user the line that allows it."
        )
    }

    /// Whether a command of this host's own addresses found nobody there: nothing is denied by that, and it is what
    /// surprises most.
    private var lacksServer: Bool {
        let command = input["tool_input"]?["command"]?.text ?? ""
        let outcome = (input["tool_response"] ?? input["error"]).map {
            String(decoding: bytes[$0.range], as: UTF8.self)
        }
        return ["127.0.0.1", "localhost", "[::1]"].contains { command.contains($0) }
            && ["Failed to connect", "onnection refused", "ECONNREFUSED", "Couldn't connect"].contains {
                outcome?.contains($0) ?? false
            }
    }

    private static let ownLoopback = """
        Each command has a loopback of its own (Mews): a server that an earlier command started isn't reached by it. \
        Start the server and use it in one command. For a server of the host the user can add \
        network: {loopback: {connect: [PORT]}} to the profile; in a whole session (mews run -p claude-code -- claude) all \
        commands share one loopback.
        """
    private static let mostNamed = 8

    private static func line(_ record: RecordValue) -> String {
        var line = "- " + record.printable("message")
        let times = record["count"]?.number ?? 1
        if times > 1 { line += " (\(times) times)" }
        if let fix = record["unmapped", "mews"]?.printable("fix"), !fix.isEmpty {
            line += " To allow it: \(fix)"
        }
        return String(line.prefix(600))
    }
}
