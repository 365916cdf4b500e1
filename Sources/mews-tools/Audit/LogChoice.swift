internal import ArgumentParser
internal import Audit
internal import Linux
internal import Sandbox

/// Which log a verb is about: a file, a session, or the last one.
struct LogChoice {
    /// The log.
    let log: AbsolutePath
    /// The session that the log has to be of; nil where only the log can tell.
    let session: String?
    /// The caller's directory of logs.
    let directory: AbsolutePath
    /// The ledger there, if it could be read.
    let ledger: Ledger?

    /// Finds the log.
    ///
    /// - Parameter argument: a path (with `/` or `.jsonl` at its end), the beginning of a session's name, or nil.
    /// - Throws: `undecided` or `usage` after saying why.
    init(_ argument: String?) throws(Outcome) {
        let facts = try Self.facts()
        let home = try LogDirectory(facts)
        directory = home.path
        if let argument, argument.contains("/") || argument.hasSuffix(".jsonl") {
            log = try Self.path(argument, facts)
            // In the caller's own directory the name of a file says whose log it is.
            session = log.parent == home.path ? LogDirectory.session(of: log.lastComponent) : nil
            ledger = nil
            return
        }
        ledger = try Self.ledger(home)
        let found = try home.sessions(ledger).filter { $0.name.hasPrefix(argument ?? "") }
        guard let last = found.last else {
            let which = argument.map { " that begins with \(PrintableText.escape(Array($0.utf8)))" } ?? ""
            Output.complain("there is no session\(which) in \(home.path)")
            throw .undecided
        }
        if argument != nil, found.count > 1 {
            Output.complain(
                "\(found.count) sessions begin so:\n"
                    + found.suffix(10).map { "  \($0.name)" }.joined(separator: "\n"))
            throw .usage
        }
        log = last.log
        session = last.name
    }

    /// The facts of the caller.
    ///
    /// - Throws: `undecided` after saying why.
    static func facts() throws(Outcome) -> HostFacts {
        do throws(SandboxError) {
            return try HostReader.facts()
        } catch {
            Output.complain(error.description)
            throw .undecided
        }
    }

    /// The path that an argument names.
    ///
    /// - Throws: `usage` after saying why.
    static func path(_ argument: String, _ facts: HostFacts) throws(Outcome) -> AbsolutePath {
        let bytes = Array(argument.utf8)
        // By components alone: what `..` leads to depends on the links before it, and the kernel knows.
        let relative = facts.currentDirectory.appending(
            relative: bytes.starts(with: [0x2e, 0x2f]) ? bytes.dropFirst(2) : bytes[...])
        guard let path = argument.hasPrefix("/") ? AbsolutePath(bytes) : relative else {
            Output.complain("\(PrintableText.escape(bytes)) isn't a path without `.` and `..`")
            throw .usage
        }
        return path
    }

    /// The ledger of a directory; nil when there is none.
    ///
    /// - Throws: `undecided` after saying why.
    static func ledger(_ directory: LogDirectory) throws(Outcome) -> Ledger? {
        do throws(Errno) {
            return try LogFile.ledger(directory.ledger)
        } catch {
            Output.complain("cannot read \(directory.ledger): \(error)")
            throw .undecided
        }
    }
}
