internal import Linux
internal import Sandbox

/// The command: what starts sandboxes is here; every other verb is handed to the tools.
@main
enum Mews {
    static func main() {
        // Before anything is opened.
        let closed = fillClosed()
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

    private static func fillClosed() -> Set<Int32> {
        do throws(Errno) {
            return try StandardDescriptors.fillClosed()
        } catch {
            Messages.write(
                "cannot put /dev/null in the place of a closed descriptor: \(error); start mews with descriptors 0"
                    + " to 2 open, as by </dev/null")
            exit(125)
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
