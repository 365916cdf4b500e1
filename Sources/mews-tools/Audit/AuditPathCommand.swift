internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews audit path`: where a session's log is.
struct AuditPathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Print the path of a session's log.",
        version: "mews \(Version.number)")

    @Argument(help: "A session or the beginning of its name; none: the last session.")
    var session: String?

    func run() throws {
        let log = try LogChoice(session).log
        guard (try? Files.targetStatus(CString(log))) != nil else {
            Output.complain("\(log) doesn't exist; mews audit verify --all tells more")
            throw Outcome.undecided
        }
        // As bytes: it is for other programs.
        try? Files.writeAll(1, log.bytes + [UInt8(ascii: "\n")])
    }
}
