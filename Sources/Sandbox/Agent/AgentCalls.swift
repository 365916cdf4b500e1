public import Audit
public import Linux

/// Notes by which a command is known as a certain call of an agent's tool: the hook before the call leaves one,
/// `mews-shell` takes it up, the hook after it finds the session of Mews by it.
///
/// They lie in Mews's directory of state, which no profile can grant. They decide nothing: without them a record
/// doesn't say which call it belongs to.
public struct AgentCalls: Sendable {
    private let directory: AbsolutePath
    private static let mostNotes = 4096
    private static let mostBytes = 4096

    /// The notes of a user, in the directory of state that the facts say; nil when there is no such directory.
    public init?(_ facts: HostFacts) {
        guard let state = LogPlace.stateDirectory(facts) else { return nil }
        directory = state.appending("mews").appending("calls")
    }

    /// Leaves a note of a call that is about to be made.
    ///
    /// - Throws: what the kernel says when it can't be written.
    public func leave(_ agent: AuditedAgent, command: [UInt8]) throws(Errno) {
        guard let toolUse = agent.toolUse, let place = place(of: agent) else { throw .invalidArgument }
        try Files.makeDirectories(Files.missingDirectories(to: place), mode: 0o700)
        let name = Hexadecimal.text(SHA256.digest(of: command)) + "." + toolUse
        try Self.write(Array((agent.delegate ?? "").utf8), to: place.appending(name))
    }

    /// Takes up the note of the call that a command is: the one with its text, else the only one there is.
    ///
    /// - Parameters:
    ///   - agent: the agent with its session; the call is added to it.
    ///   - command: what the call runs; nil when that can't be told.
    ///   - session: the session of Mews, to be found again by the call.
    /// - Returns: whether there was one.
    public func claim(
        _ agent: inout AuditedAgent, command: [UInt8]?, session: SessionIdentifier
    ) -> Bool {
        // Hooks and servers of the user's own come by the same way, and are no calls.
        guard let command, let place = place(of: agent), let notes = notes(in: place) else { return false }
        let digest = Array((Hexadecimal.text(SHA256.digest(of: command)) + ".").utf8)
        let same = notes.filter { $0.starts(with: digest) }
        // The agent can have changed the text a little, as by closing the input of a pipeline.
        for note in same.isEmpty && notes.count == 1 ? notes : same {
            let file = place.appending(note)
            let content = Self.read(file)
            // Who takes it away has it: another command may have the same text.
            guard (try? Files.remove(CString(file))) != nil else { continue }
            let toolUse = String(decoding: note.dropFirst(65), as: UTF8.self)
            guard AuditedAgent.isName(toolUse) else { continue }
            agent.toolUse = toolUse
            let delegate = content.map { String(decoding: $0, as: UTF8.self) } ?? ""
            if AuditedAgent.isName(delegate) { agent.delegate = delegate }
            try? Self.write(Array(session.description.utf8), to: place.appending("done." + toolUse))
            return true
        }
        return false
    }

    /// The session of Mews that a call was, whose note is taken away.
    public func session(of agent: AuditedAgent) -> String? {
        guard let toolUse = agent.toolUse, AuditedAgent.isName(toolUse), let place = place(of: agent) else {
            return nil
        }
        let file = place.appending("done." + toolUse)
        guard let content = Self.read(file) else { return nil }
        try? Files.remove(CString(file))
        let session = String(decoding: content, as: UTF8.self)
        return SessionIdentifier.isCanonical(session) ? session : nil
    }

    /// Takes away the note of a call that was never made by a command of its own.
    ///
    /// - Returns: whether there was one.
    public func forget(_ agent: AuditedAgent) -> Bool {
        guard let toolUse = agent.toolUse, AuditedAgent.isName(toolUse), let place = place(of: agent),
            let notes = notes(in: place)
        else { return false }
        var isFound = false
        for note in notes where note.dropFirst(65).elementsEqual(toolUse.utf8) {
            isFound = (try? Files.remove(CString(place.appending(note)))) != nil || isFound
        }
        return isFound
    }

    /// Takes away what sessions left that nobody has written to for a week.
    public func prune(now: Int64 = Clock.realtime()) {
        let week: Int64 = 7 * 24 * 3600
        let flags: Files.Flags = [.read, .directory, .noFollow, .nonBlocking, .closeOnExec]
        guard let place = try? Files.open(CString(directory), flags),
            let sessions = try? Files.entries(of: place.number)
        else { return }
        for session in sessions.prefix(Self.mostNotes) {
            let path = directory.appending(session.name)
            guard let status = try? Files.status(CString(path)), status.isDirectory,
                status.modified.seconds < now / 1_000_000_000 - week,
                let inner = try? Files.open(CString(path), flags),
                let notes = try? Files.entries(of: inner.number)
            else { continue }
            for note in notes { try? Files.remove(CString(note.name), at: inner.number) }
        }
    }

    /// The notes of calls that weren't taken up: a digest in hexadecimal, a dot, the call.
    private func notes(in place: AbsolutePath) -> [[UInt8]]? {
        let flags: Files.Flags = [.read, .directory, .noFollow, .nonBlocking, .closeOnExec]
        guard let descriptor = try? Files.open(CString(place), flags),
            let entries = try? Files.entries(of: descriptor.number), entries.count <= Self.mostNotes
        else { return nil }
        return entries.map(\.name).filter { $0.count > 65 && $0[64] == UInt8(ascii: ".") }
    }

    private func place(of agent: AuditedAgent) -> AbsolutePath? {
        guard let session = agent.session, AuditedAgent.isName(session) else { return nil }
        return directory.appending(session)
    }

    private static func write(_ bytes: [UInt8], to path: AbsolutePath) throws(Errno) {
        let file = try Files.open(
            CString(path), [.write, .create, .exclusive, .noFollow, .closeOnExec], mode: 0o600)
        try Files.writeAll(file.number, bytes)
    }

    private static func read(_ path: AbsolutePath) -> [UInt8]? {
        Files.regularContent(CString(path), limit: mostBytes)
    }
}
