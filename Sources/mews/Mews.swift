internal import Linux
internal import Sandbox

/// The command: what starts sandboxes is here; every other verb is handed to the tools.
@main
enum Mews {
    static func main() {
        // Before anything is opened.
        let closed = StandardDescriptors.fillClosed()
        let line = Arguments.commandLine()
        let arguments = Array(line.dropFirst())
        if ShellVerb.isAsked(for: line.first) { ShellVerb.run(arguments, closed) }
        let invocation: Invocation
        do throws(UsageError) {
            invocation = try Invocation(arguments)
        } catch {
            Messages.write(error.message)
            exit(error.status)
        }
        switch invocation {
        case .help(let text):
            Messages.print(text)
            exit(0)
        case .version:
            Messages.print("mews \(Version.number)\n")
            exit(0)
        case .run(let options):
            run(options, closed)
        case .tools(let arguments):
            ToolsVerb.run(arguments)
        }
    }

    private static func run(_ options: RunOptions, _ closed: Set<Int32>) -> Never {
        do throws(UsageError) {
            try RunVerb(options, closed: closed).run()
        } catch {
            Messages.write(error.message)
            exit(error.status)
        }
    }

    private static func exit(_ status: Int32) -> Never {
        Processes.exitNow(status)
    }
}
