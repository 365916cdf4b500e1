internal import ArgumentParser
internal import Audit
internal import Linux
internal import Sandbox

/// `mews audit show`: the records of a session.
struct AuditShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what was written down of a session.",
        discussion: """
            A line for each record: local time, event code, what was tried on what, the program, the rule with its \
            place, and the profile line that would allow it. What acts on a terminal is shown as \\xNN. With --json \
            the records as they stand in the log, byte for byte. Nothing is verified here: see mews audit verify.

            Inside a sandbox without a session named: what this sandbox denied so far, from /run/mews/denials.
            """,
        version: "mews \(Version.number)")

    /// What the supervisor publishes inside.
    private static let published = AbsolutePath.root.appending("run").appending("mews").appending("denials")

    @Argument(help: "A session, the beginning of its name, or a file; none: the last session.")
    var session: String?
    @OptionGroup var options: FilterOptions
    @Option(
        help: ArgumentHelp(
            "Only what was denied in one call of an agent's tool, whose session is found.", valueName: "id"))
    var toolUse: String?
    @Flag(help: "Print the records as they stand in the log.")
    var json = false

    func run() throws {
        let filter = try options.filter(try LogChoice.facts())
        if let toolUse { return try show(call: toolUse, filter) }
        let isInside = session == nil && (try? Files.status(CString(Self.published))) != nil
        let log = isInside ? Self.published : try LogChoice(session).log
        let strange = try show(log, filter)
        if strange > 0, !isInside {
            Output.complain("\(strange) lines of \(log) aren't records; mews audit verify tells more")
            throw Outcome.no
        }
    }

    /// Shows what was denied in a call of an agent's tool, which is one session or, where it went on in the
    /// background of others, several.
    private func show(call toolUse: String, _ filter: RecordFilter) throws {
        guard session == nil else {
            Output.complain("--tool-use finds the session by itself")
            throw Outcome.usage
        }
        var filter = filter
        if filter.kinds.isEmpty { filter.kinds = RecordFilter.denials }
        let home = try LogDirectory(try LogChoice.facts())
        var isFound = false
        for session in try home.sessions(nil) where Self.isCall(toolUse, session.log) {
            isFound = true
            _ = try show(session.log, filter)
        }
        guard isFound else {
            Output.complain(
                "no session in \(home.path) is the call \(PrintableText.escape(Array(toolUse.utf8)))")
            throw Outcome.undecided
        }
    }

    /// Whether the first record of a log says that it is that call.
    private static func isCall(_ toolUse: String, _ log: AbsolutePath) -> Bool {
        guard var stream = try? RecordStream(log), let first = try? stream.next() else { return false }
        return first.value["unmapped", "mews"]?["agent"]?["tool_use"]?.text == toolUse
    }

    /// Shows what a filter takes of a log.
    ///
    /// - Returns: how many lines of it aren't records.
    private func show(_ log: AbsolutePath, _ filter: RecordFilter) throws -> Int {
        var output = RecordOutput(isJSON: json)
        do {
            var stream = try RecordStream(log)
            while let record = try stream.next() {
                if filter.takes(record.value) { try output.show(record) }
            }
            try output.flush()
            return stream.strange
        } catch let error as Errno {
            Output.complain("cannot read \(log): \(error)")
            throw Outcome.undecided
        }
    }
}
