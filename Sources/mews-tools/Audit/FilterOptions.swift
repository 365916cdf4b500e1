internal import ArgumentParser
internal import Linux
internal import Sandbox

/// The options by which records are chosen.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only these event codes; `file` stands for all that begin with `file.`.", valueName: "code[,code]"
        ))
    var kind: [String] = []
    @Option(help: ArgumentHelp("Only what was tried at a path or below it.", valueName: "path"))
    var path: String?
    @Option(
        help: ArgumentHelp(
            "Only what was asked of a host, or of names below it: example.com, example.com:443, 10.2.3.4.",
            valueName: "host[:port]"))
    var host: String?
    @Option(help: ArgumentHelp("Only what a program did, by its name or path.", valueName: "name"))
    var program: String?
    @Option(
        help: ArgumentHelp(
            "Only from a time on: 15m (ago), 14:05 (today), 2026-03-16, 2026-03-16T14:05[:09][Z].",
            valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only up to a time, written likewise.", valueName: "time"))
    var until: String?

    /// What they ask for.
    ///
    /// - Throws: `usage` after saying why.
    func filter(_ facts: HostFacts) throws(Outcome) -> RecordFilter {
        var filter = RecordFilter()
        filter.kinds = kind.flatMap { $0.split(separator: ",").map(String.init) }
        if let path { filter.path = try LogChoice.path(path, facts) }
        filter.host = host
        filter.program = program.map { Array($0.utf8) }
        let now = Clock.realtime() / 1_000_000
        filter.since = try Self.time(since, "--since", now)
        filter.until = try Self.time(until, "--until", now)
        return filter
    }

    private static func time(_ text: String?, _ option: String, _ now: Int64) throws(Outcome) -> Int64? {
        guard let text else { return nil }
        guard let time = LocalTime.milliseconds(text, now: now) else {
            Output.complain(
                "\(option) \(PrintableText.escape(Array(text.utf8))) isn't a time; write 15m, 14:05, 2026-03-16 or "
                    + "2026-03-16T14:05")
            throw .usage
        }
        return time
    }
}
