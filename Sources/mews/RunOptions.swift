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

    /// What only a job of a build server asks for.
    struct Job {
        /// Whether a command that ended well, but was denied something, counts as failed.
        var failsOnDenial = false
    }

    /// What is said after the run.
    enum Summary {
        /// Nothing.
        case none
        /// A few lines on standard error, when something was denied.
        case text
        /// One line of JSON, whatever happened.
        case json(SummaryPlace)
    }

    /// Where the line of JSON goes.
    enum SummaryPlace {
        case standardError
        /// A descriptor that the caller has opened.
        case descriptor(Int32)
        /// A file, made anew.
        case file([UInt8])
    }

    var question: Question?
    var request = Preparation.Request()
    var workingDirectory: [UInt8]?
    var isQuiet = false
    var isDryRun = false
    /// Whether notices aren't said; errors and what was denied are.
    var hidesNotices = false
    /// The value of `--summary`; nil is text, unless Mews is to be quiet.
    var summary: Summary?
    /// The value of `--fuse-device`, a node for tests whose host keeps its own from users.
    var skeletonDevice: [UInt8]?
    var program = Program.shell
    /// What is asked for by `mews ci`; nil for the other verbs.
    var job: Job?
}
