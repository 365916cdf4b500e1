internal import Audit
internal import Linux
internal import Sandbox
internal import Supervisor

/// A command as a call of an agent's tool.
struct AgentCall {
    /// The agent, its session and, once it is known, the call.
    let agent: AuditedAgent
    /// What the model asked to run; nil when that can't be told.
    let command: [UInt8]?
    /// Where the agent waits for the directory that the shell ended in.
    let directoryFile: AbsolutePath?
    /// The places that were settled when the agent was set up.
    let places: HostFacts.Places

    /// Adds to the records whose call it is, and asks for the file that is handed back.
    ///
    /// - Returns: whether a hook after the call will tell what was denied.
    func complete(_ facts: inout SessionFacts) -> Bool {
        var agent = agent
        let isKnown =
            AgentCalls(facts.host)?.claim(&agent, command: command, session: facts.identifier) ?? false
        facts.agent = agent
        facts.keptFile = directoryFile.map { Array($0.lastComponent) }
        return isKnown
    }

    /// Writes the directory that the shell ended in to where the agent waits for it.
    ///
    /// The name is new and nobody's link: what is there already belongs to somebody else.
    func handBack(_ summary: SessionSummary, workspace: AbsolutePath) {
        guard let directoryFile, let written = summary.keptFile,
            let directory = AgentString.directory(written, in: workspace),
            let place = try? Files.openWithoutLinks(CString(directory)),
            (try? Files.status(of: place.number).isDirectory) == true
        else { return }
        let flags: Files.Flags = [.write, .create, .exclusive, .noFollow, .closeOnExec]
        guard let file = try? Files.open(CString(directoryFile), flags, mode: 0o600) else { return }
        try? Files.writeAll(file.number, directory.bytes + [UInt8(ascii: "\n")])
    }
}
