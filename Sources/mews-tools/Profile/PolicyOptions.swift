internal import ArgumentParser
internal import Sandbox

/// The options of `mews run` that belong to the policy.
struct PolicyOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A profile; may be given several times.", valueName: "name|path"))
    var profile: [String] = []
    @Option(name: [.short, .long], help: ArgumentHelp("The directory to work in.", valueName: "dir"))
    var workspace: String?
    @Option(help: ArgumentHelp("Let the command read a path.", valueName: "path"))
    var read: [String] = []
    @Option(help: ArgumentHelp("Let the command write a path.", valueName: "path"))
    var write: [String] = []
    @Option(help: ArgumentHelp("Hide a path, whatever else grants it.", valueName: "path"))
    var deny: [String] = []
    @Option(
        help: ArgumentHelp("Let the command reach a host, at port 443 or another.", valueName: "host[:port]"))
    var allow: [String] = []
    @Option(help: ArgumentHelp("Pass or set a variable.", valueName: "name[=value]"))
    var env: [String] = []
    @Option(help: ArgumentHelp("End the command after a time.", valueName: "duration"))
    var timeout: String?
    @Option(help: ArgumentHelp("The level that has to hold.", valueName: "level"))
    var require: String?

    /// Whether none was given.
    var isEmpty: Bool {
        (profile + read + write + deny + allow + env).isEmpty && workspace == nil && timeout == nil
            && require == nil
    }

    /// What a launch with these options would ask for.
    var request: Preparation.Request {
        var request = Preparation.Request()
        request.profiles = profile
        request.workspace = workspace.map { Array($0.utf8) }
        request.read = read.map { Array($0.utf8) }
        request.write = write.map { Array($0.utf8) }
        request.deny = deny.map { Array($0.utf8) }
        request.allow = allow
        request.environment = env
        request.timeout = timeout
        request.require = require
        return request
    }
}
