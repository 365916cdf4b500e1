internal import Linux
internal import Sandbox

/// Reads the options of `run`, as bytes: paths and commands may be anything.
struct RunOptionParser {
    private var rest: ArraySlice<[UInt8]>
    private var options = RunOptions()
    private var usesString = false

    private static let later = ["--observe"]

    init(_ arguments: [[UInt8]]) {
        rest = arguments[...]
    }

    /// The options of `mews ci`: those of `run` and `--fail-on`; the profile is `ci` unless one is named.
    mutating func parseJob() throws(UsageError) -> RunOptions {
        options.job = RunOptions.Job()
        options.request.masksGitCredentials = true
        var options = try parse(isShell: false)
        if options.request.profiles.isEmpty { options.request.profiles = ["ci"] }
        return options
    }

    mutating func parse(isShell: Bool) throws(UsageError) -> RunOptions {
        while let argument = rest.first, argument.first == UInt8(ascii: "-"), argument.count > 1 {
            rest.removeFirst()
            if argument.elementsEqual("--".utf8) { break }
            try take(argument)
            if options.question != nil { return options }
        }
        let words = Array(rest)
        if isShell {
            guard words.isEmpty, !usesString else {
                throw usage("`mews shell` takes no command; mews run -- COMMAND does")
            }
            options.program = .shell
        } else if words.isEmpty {
            throw usage(
                usesString
                    ? "-c needs a string"
                    : "no command; mews \(options.job == nil ? "run" : "ci") [options] -- COMMAND [ARG...]")
        } else {
            options.program = usesString ? .string(words) : .command(words)
        }
        return options
    }

    private mutating func take(_ argument: [UInt8]) throws(UsageError) {
        let (name, attached) = Self.split(argument)
        switch name {
        case "--help", "-h":
            options.question = .help
        case "--version":
            options.question = .version
        case "-c":
            usesString = true
        case "--quiet":
            options.isQuiet = true
        case "--dry-run":
            options.isDryRun = true
        case "-p", "--profile": options.request.profiles.append(try text(name, attached))
        case "-w", "--workspace": options.request.workspace = try value(name, attached)
        case "--read": options.request.read.append(try value(name, attached))
        case "--write": options.request.write.append(try value(name, attached))
        case "--deny": options.request.deny.append(try value(name, attached))
        case "--allow": options.request.allow.append(try text(name, attached))
        case "--env": options.request.environment.append(try text(name, attached))
        case "--cwd": options.workingDirectory = try value(name, attached)
        case "--timeout": options.request.timeout = try text(name, attached)
        case "--require": options.request.require = try text(name, attached)
        case "--audit-log": options.request.auditLog = try value(name, attached)
        case "--summary": options.summary = try summary(try value(name, attached))
        case "--fuse-device": options.skeletonDevice = try value(name, attached)
        case "--fail-on" where options.job != nil:
            let fails = try failsOnDenial(try text(name, attached))
            options.job?.failsOnDenial = fails
        case _ where Self.later.contains(name):
            throw usage("\(name) is not in this version")
        default:
            throw usage("there is no option \(PrintableText.escape(argument)); mews run --help lists them")
        }
        if attached != nil, ["-c", "--quiet", "--dry-run"].contains(name) {
            throw usage("\(name) takes no value")
        }
    }

    /// A long option may carry its value behind `=`.
    private static func split(_ argument: [UInt8]) -> (name: String, value: [UInt8]?) {
        guard argument.starts(with: Array("--".utf8)), let cut = argument.firstIndex(of: UInt8(ascii: "="))
        else { return (PrintableText.escape(argument), nil) }
        return (PrintableText.escape(argument[..<cut]), Array(argument[(cut + 1)...]))
    }

    private mutating func value(_ name: String, _ attached: [UInt8]?) throws(UsageError) -> [UInt8] {
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw usage("\(name) needs a value")
        }
        return value
    }

    private mutating func text(_ name: String, _ attached: [UInt8]?) throws(UsageError) -> String {
        let bytes = try value(name, attached)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw usage("the value of \(name) isn't UTF-8")
        }
        return text
    }

    private func failsOnDenial(_ value: String) throws(UsageError) -> Bool {
        switch value {
        case "denied": return true
        case "none": return false
        default: throw usage("--fail-on is denied or none")
        }
    }

    private func summary(_ value: [UInt8]) throws(UsageError) -> RunOptions.Summary {
        let cut = value.firstIndex(of: UInt8(ascii: ":")) ?? value.endIndex
        let place = value.endIndex == cut ? nil : value[(cut + 1)...]
        switch (String(decoding: value[..<cut], as: UTF8.self), place) {
        case ("none", nil): return .none
        case ("text", nil): return .text
        case ("json", nil): return .json(.standardError)
        case ("json", let place?) where !place.isEmpty:
            guard place.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
                return .json(.file(Array(place)))
            }
            // Standard input is the command's, and standard output holds nothing of Mews's.
            guard let number = Int32(String(decoding: place, as: UTF8.self)), number > 1 else {
                throw usage("--summary json:FD needs a descriptor from 2 on")
            }
            return .json(.descriptor(number))
        default:
            throw usage("--summary is json[:FD|:PATH], text or none")
        }
    }

    private func usage(_ message: String) -> UsageError {
        UsageError(message: message, status: 125)
    }
}
