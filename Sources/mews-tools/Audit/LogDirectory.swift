internal import Audit
internal import Linux
internal import Sandbox

/// The directory of the caller's own logs.
struct LogDirectory {
    /// A session that has a log, or had one.
    struct Session {
        /// Its identifier.
        let name: String
        /// Where its log is or was.
        let log: AbsolutePath
    }

    /// Where it is; nothing need be there.
    let path: AbsolutePath

    /// Finds it: `$XDG_STATE_HOME/mews/audit`, or where that variable points when it isn't set.
    ///
    /// - Throws: `undecided` after saying why.
    init(_ facts: HostFacts) throws(Outcome) {
        guard let base = Self.stateHome(facts) else {
            Output.complain(
                "there is no home directory, and so no place of logs; set XDG_STATE_HOME or name a file")
            throw .undecided
        }
        path = base.appending("mews").appending("audit")
    }

    init(path: AbsolutePath) {
        self.path = path
    }

    /// The directory of state that it lies in; nil without a home.
    static func stateHome(_ facts: HostFacts) -> AbsolutePath? {
        facts.value(of: "XDG_STATE_HOME").flatMap { AbsolutePath($0) }
            ?? facts.home?.appending(".local").appending("state")
    }

    /// Where the ledger is or would be.
    var ledger: AbsolutePath { path.appending("ledger.jsonl") }

    /// Where the log of a session is, unless the ledger says otherwise.
    func log(of session: String) -> AbsolutePath {
        path.appending(session + ".jsonl")
    }

    /// The session that a file in the directory belongs to by its name; nil for other files.
    static func session(of name: some Collection<UInt8>) -> String? {
        let text = String(decoding: name, as: UTF8.self)
        guard text.hasSuffix(".jsonl"), SessionIdentifier.isCanonical(String(text.dropLast(6))) else {
            return nil
        }
        return String(text.dropLast(6))
    }

    /// The sessions that have a log here or are in the ledger, oldest first.
    ///
    /// - Throws: `undecided` after saying why, when the directory is there and can't be listed.
    func sessions(_ ledger: Ledger?) throws(Outcome) -> [Session] {
        var found: [String: AbsolutePath] = [:]
        for name in try names() { found[name] = log(of: name) }
        for (name, session) in ledger?.sessions ?? [:] where found[name] == nil {
            found[name] = session.log.flatMap { AbsolutePath($0) } ?? log(of: name)
        }
        // A UUID of version 7 begins with the time.
        return found.sorted { $0.key < $1.key }.map { Session(name: $0.key, log: $0.value) }
    }

    /// The sessions that have a log here, in no order.
    private func names() throws(Outcome) -> [String] {
        do throws(Errno) {
            let directory = try Files.open(CString(path), [.read, .directory, .closeOnExec])
            return try Files.entries(of: directory.number).compactMap { Self.session(of: $0.name) }
        } catch {
            if error == .noEntry { return [] }
            Output.complain("cannot list \(path): \(error)")
            throw .undecided
        }
    }
}
