internal import Audit
internal import Linux
internal import Sandbox
internal import Supervisor

/// `mews-shell STRING`: one command of an agent that lets a prefix run its commands.
struct ShellVerb {
    private let string: [UInt8]
    private let facts: HostFacts
    private let record: AgentRecord

    private static let failure: Int32 = 125
    /// What a hook ends with when it couldn't do its work: the agent then refuses what it asked about.
    private static let hookFailure: Int32 = 2

    /// Whether the program was started by that name.
    static func isAsked(for name: [UInt8]?) -> Bool {
        name?.split(separator: UInt8(ascii: "/")).last?.elementsEqual("mews-shell".utf8) ?? false
    }

    /// Runs the command and ends with its status.
    static func run(_ arguments: [[UInt8]], _ closed: Set<Int32>) -> Never {
        guard arguments.count == 1 else {
            fail("mews-shell takes a command as one word; an agent gives it as its prefix")
        }
        if arguments[0].elementsEqual("--help".utf8) {
            Messages.print(Help.shell)
            Processes.exitNow(0)
        }
        if arguments[0].elementsEqual("--version".utf8) {
            Messages.print("mews \(Version.number)\n")
            Processes.exitNow(0)
        }
        do throws(SandboxError) {
            try Self(arguments[0]).run(closed)
        } catch {
            fail(error.description)
        }
    }

    private init(_ string: [UInt8]) throws(SandboxError) {
        self.string = string
        facts = try HostReader.facts()
        // The outer sandbox holds already, and nothing can be added to it. There is no record in it to be read.
        if Inside.isHere() { Self.runInside(string, facts) }
        guard let record = try AgentRecord.find(user: facts.user, home: facts.home) else {
            throw SandboxError(
                .refused, "no profile is settled for the commands of an agent",
                hint: "run mews agent install \(AgentRecord.agent)")
        }
        self.record = record
    }

    private func run(_ closed: Set<Int32>) throws(SandboxError) -> Never {
        // Byte for byte: whatever else runs by the name of a hook is a command like any other.
        if let hook = record.hooks.first(where: { $0.line == string }) {
            let words = ["agent", "hook", AgentRecord.agent, hook.name]
            ToolsVerb.run(words.map { Array($0.utf8) }, failure: Self.hookFailure)
        }
        let parts = AgentString(string, snapshots: snapshots, temporary: temporaryDirectories)
        do throws(UsageError) {
            try RunVerb(options(parts), closed: closed, agent: call(parts)).run()
        } catch {
            Self.fail(error.message)
        }
    }

    /// What `mews run` would be told.
    private func options(_ parts: AgentString) -> RunOptions {
        var options = RunOptions()
        options.request.profiles = [record.profile]
        options.request.places = places
        options.request.movesMissingAside = true
        if let snapshot = parts.snapshot, isOwn(snapshot) { options.request.read = [snapshot.bytes] }
        options.skeletonDevice = record.skeletonDevice?.bytes
        options.program = .command([shell, Array("-c".utf8), parts.text])
        // What it says goes to the model, as a part of what the command printed.
        options.hidesNotices = true
        return options
    }

    private var places: HostFacts.Places {
        HostFacts.Places(
            home: home, variables: record.variables, names: AgentRecord.placeVariables)
    }

    private var home: AbsolutePath? { record.home ?? AgentRecord.home(of: facts.user, facts.home) }

    private var snapshots: AbsolutePath? {
        (record.state ?? home?.appending(".claude"))?.appending("shell-snapshots")
    }

    /// A link there could lead to anything of the user's, and be put there only by the agent; but nothing needs one.
    private func isOwn(_ snapshot: AbsolutePath) -> Bool {
        guard let status = try? Files.status(CString(snapshot)) else { return false }
        return status.kind == .regular && status.uid == facts.user
    }

    /// Where the agent has its temporary files, by what it is told itself: only a name of a certain form is made there.
    private var temporaryDirectories: [AbsolutePath] {
        let named = ["TMPDIR", "CLAUDE_CODE_TMPDIR"].compactMap { name in
            facts.value(of: name).flatMap { AbsolutePath($0) }
        }
        let all = named + [AbsolutePath.root.appending("tmp")]
        return all + all.map { $0.appending("claude-\(facts.user)") }
    }

    /// bash or zsh, as the agent takes it for its own commands; everything else doesn't understand what it writes.
    private var shell: [UInt8] {
        for name in ["CLAUDE_CODE_SHELL", "SHELL"] {
            guard let path = facts.value(of: name).flatMap({ AbsolutePath($0) }),
                ["bash", "zsh"].contains(where: { path.lastComponent.elementsEqual($0.utf8) }),
                (try? Files.targetStatus(CString(path)).kind) == .regular
            else { continue }
            return path.bytes
        }
        return Array("bash".utf8)
    }

    /// Whose command it is, and what of it is handed back.
    private func call(_ parts: AgentString) -> AgentCall {
        var agent = AuditedAgent(name: AgentRecord.agent)
        if let session = facts.value(of: "CLAUDE_CODE_SESSION_ID") {
            let text = String(decoding: session, as: UTF8.self)
            if AuditedAgent.isName(text) { agent.session = text }
        }
        return AgentCall(
            agent: agent, command: parts.command, directoryFile: parts.directoryFile, places: places)
    }

    private static func runInside(_ string: [UInt8], _ facts: HostFacts) -> Never {
        let command = Command(
            [Array("bash".utf8), Array("-c".utf8), string], path: facts.value(of: "PATH"))
        fail("cannot execute bash: \(command.execute(facts.environment.map { CString($0) }))")
    }

    private static func fail(_ message: String) -> Never {
        Messages.write(message)
        Processes.exitNow(failure)
    }
}
