internal import Linux
internal import Sandbox

/// The options of `run` and `shell`.
struct RunOptions {
    /// What runs.
    enum Program {
        /// A program with its arguments.
        case command([[UInt8]])
        /// A string for `sh -c`, then its `$0` and arguments.
        case string([[UInt8]])
        /// The user's shell.
        case shell
    }

    /// What is asked about Mews instead of running something.
    enum Question {
        case help
        case version
    }

    var question: Question?
    var request = Preparation.Request()
    var workingDirectory: [UInt8]?
    var isQuiet = false
    var isDryRun = false
    var program = Program.shell
}
