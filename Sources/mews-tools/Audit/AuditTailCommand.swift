internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews audit tail`: the last records of all sessions, and those that come.
struct AuditTailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the last records of all sessions, and follow them.",
        discussion: """
            Written as by mews audit show. With -f goes on with what is written, also by sessions that begin later, \
            until Ctrl-C. Logs that --audit-log put elsewhere aren't followed: use tail(1).
            """,
        version: "mews \(Version.number)")

    @Flag(name: [.short, .long], help: "Go on with what is written.")
    var follow = false
    @Option(name: [.customShort("n"), .customLong("lines")], help: "How many records of the past.")
    var count = 10
    @OptionGroup var options: FilterOptions
    @Flag(help: "Print the records as they stand in the log.")
    var json = false

    /// Each is held until all sessions have been asked.
    private static let most = 100_000

    func validate() throws {
        guard (0...Self.most).contains(count) else {
            throw ValidationError("-n is a number up to \(Self.most)")
        }
    }

    func run() throws {
        let facts = try LogChoice.facts()
        var follower = LogFollower(
            try LogDirectory(facts), try options.filter(facts), RecordOutput(isJSON: json))
        if follow { try follower.follow(from: count) }
        try follower.showLast(count)
    }
}
