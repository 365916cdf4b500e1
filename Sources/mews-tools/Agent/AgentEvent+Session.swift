internal import Audit
internal import Linux
internal import Network
internal import Profile
internal import Sandbox
internal import Supervisor

extension AgentEvent {
    /// What holds for the commands of the session.
    private func preparation() throws -> Preparation {
        var request = Preparation.Request()
        request.profiles = [record?.profile ?? "claude-code-command"]
        if let record {
            request.places = HostFacts.Places(
                home: facts.home, variables: record.variables, names: AgentRecord.placeVariables)
        }
        do throws(LaunchError) {
            return try Preparation(request, installation: try Self.installation(), changesHost: false)
        } catch {
            throw Refusal(reason: error.lines.joined(separator: "; "))
        }
    }

    private static func installation() throws(LaunchError) -> Installation {
        do throws(SandboxError) {
            return try Installation()
        } catch {
            throw .sandbox(error)
        }
    }

    /// SessionStart: what is allowed, and how to find out why something failed.
    func tellWhatIsAllowed() throws {
        let ways =
            "When something fails with Permission denied, Read-only file system or an unknown host, run "
            + "`mews why read|write|exec PATH`, `mews why connect HOST` or `mews audit show` in a command: they name the "
            + "rule and the line that would allow it. Show that line to the user; don't work around it."
        guard !Inside.isHere() else {
            return Self.answer(
                event: "SessionStart", context: "This whole session runs in a sandbox (Mews). \(ways)")
        }
        guard record != nil else {
            throw Refusal(reason: "Mews isn't set up; run mews agent install \(AgentRecord.agent)")
        }
        AgentCalls(facts)?.prune()
        let preparation = try preparation()
        let policy = preparation.policy
        let access = policy.fileSystem.workspace.value
        let hosts = policy.network.allow.map { "\($0.value.target)" }
        let named = Array(Set(hosts)).sorted().prefix(24).joined(separator: ", ")
        Self.answer(
            event: "SessionStart",
            context: """
                Commands of the Bash tool run in a sandbox (Mews, profile \(policy.name)), each in one of its own. They can \
                \(access == .write ? "write" : "read") \(preparation.workspace) (not git's own configuration and hooks, nor \
                .claude), read the system's programs and toolchains, and have a private /tmp that ends with the command.
                They reach \(hosts.isEmpty ? "no host" : "these hosts only: \(named)"). They see no keys, no logins and nothing \
                else of the home directory. A server has to be started and used in the same command.
                \(ways)\(preparation.notices.map { "\nNote: \($0)" }.joined())
                """)
    }

    /// ConfigChange: a session of its own in the log, whose policy.loaded says what has changed.
    func recordChange() throws {
        guard !Inside.isHere() else { return }
        // Claude Code's versions differ in what they call it.
        let source = input["source"]?.text ?? input["config_source"]?.text ?? "settings"
        let path = input["file_path"]?.text ?? input["jsonpath"]?.text
        var note = "Claude Code's configuration has changed: \(Self.printable(source))"
        if let path { note += ", \(Self.printable(path))" + Self.digest(of: path) }
        let preparation = try preparation()
        var random = SystemRandomNumberGenerator()
        let identifier = SessionIdentifier(
            milliseconds: UInt64(Clock.realtime() / 1_000_000), using: &random)
        let words = ["mews", "agent", "hook", AgentRecord.agent, AgentHook.configChange.rawValue]
        do throws(AuditFailure) {
            let kernel = try? KernelProbe.facts()
            var session = SessionFacts(
                identifier: identifier, policy: preparation.policy, published: nil, view: preparation.view,
                host: preparation.facts, workspace: preparation.workspace,
                workingDirectory: preparation.facts.currentDirectory,
                command: Command(words.map { Array($0.utf8) }, path: nil), log: preparation.log,
                landlockVersion: kernel?.landlockVersion ?? 0, reads: .off, notices: [note + "."])
            session.agent = AuditedAgent(name: AgentRecord.agent, session: call.session)
            var recorder = try SessionRecorder(session, observesWrites: false)
            _ = recorder.finish(SessionSummary(ended: .exit, status: 0))
            if let failure = recorder.failure { throw failure }
        } catch {
            throw Refusal(reason: "the change can't be written down: \(error.description)")
        }
    }

    private static func printable(_ text: String) -> String {
        PrintableText.escape(Array(text.utf8.prefix(1024)))
    }

    /// The digest of what a file holds now; nothing when it can't be read.
    private static func digest(of path: String) -> String {
        guard let path = AbsolutePath(path), let bytes = Files.regularContent(CString(path), limit: 4 << 20)
        else { return "" }
        return " (sha256 \(Hexadecimal.text(SHA256.digest(of: bytes))))"
    }
}
