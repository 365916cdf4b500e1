internal import Linux
internal import Sandbox

/// What the command line asks for.
enum Invocation {
    case help(String)
    case version
    case run(RunOptions)
    /// A verb that another program of the installation answers.
    case tools([[UInt8]])

    private static let toolVerbs = ["doctor", "profile", "why", "audit", "agent"]

    init(_ arguments: [[UInt8]]) throws(UsageError) {
        guard let first = arguments.first else {
            throw UsageError(message: "nothing to do; mews --help tells what there is", status: 2)
        }
        let word = PrintableText.escape(first)
        switch word {
        case "--help", "-h", "help":
            self = .help(Help.overview)
        case "--version":
            self = .version
        case "--":
            self = .run(try Self.run(arguments, verb: "--"))
        case "run", "shell":
            let options = try Self.run(Array(arguments.dropFirst()), verb: word)
            self =
                switch options.question {
                case .help: .help(Help.run)
                case .version: .version
                case nil: .run(options)
                }
        case "ci":
            var parser = RunOptionParser(Array(arguments.dropFirst()))
            let options = try parser.parseJob()
            self =
                switch options.question {
                case .help: .help(Help.job)
                case .version: .version
                case nil: .run(options)
                }
        case _ where Self.toolVerbs.contains(word):
            self = .tools(arguments)
        default:
            throw UsageError(
                message: "there is no verb `\(word)`; to run a command: mews run -- \(word) …", status: 2)
        }
    }

    private static func run(_ arguments: [[UInt8]], verb: String) throws(UsageError) -> RunOptions {
        var parser = RunOptionParser(arguments)
        return try parser.parse(isShell: verb == "shell")
    }
}
