internal import ArgumentParser
internal import Linux
internal import Network
internal import Profile
internal import Sandbox

/// `mews why`: whether a path may be used or a host be reached, by which line, and what would allow it.
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell whether a path or host may be used, by which line, and what would allow it.",
        discussion: """
            Takes the options of `mews run` that belong to the policy and decides as a launch does, here and now. In a \
            sandbox it answers for that sandbox, and options are an error. The permissions of the file itself aren't \
            looked at, and no name is asked for. A host is HOST or HOST:PORT (443 without); what has a / is a socket's path. \
            The status is 0 for allowed, 1 for denied, 2 for a wrong use, 3 when it can't be decided.
            """,
        version: "mews \(Version.number)")

    @Argument(help: ArgumentHelp("read, write, exec or connect", valueName: "use"))
    var use: String
    @Argument(help: "The path, also a relative one; for connect a host, or the path of a socket.")
    var path: String
    @OptionGroup var options: PolicyOptions
    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard fileUse != nil else {
            throw ValidationError("`mews why \(use)` isn't a question; write read, write, exec or connect")
        }
        guard isAboutHost, endpoint == nil else { return }
        throw ValidationError(
            "\(PrintableText.escape(Array(path.utf8))) isn't HOST or HOST:PORT, with the name in ASCII and addresses "
                + "as 10.2.3.4 or [fd00::1]")
    }

    func run() throws {
        let isInside = Inside.isHere()
        let directory: AbsolutePath
        let context: ExplanationContext
        // Inside, the kernel shows the links that there are.
        var isWalked = true
        if isInside {
            guard options.isEmpty else {
                Output.complain("in a sandbox the policy is given; leave the options out")
                throw Outcome.usage
            }
            (context, directory) = try Self.given()
        } else {
            let preparation = try Self.prepare(options.request)
            isWalked = Self.isWalked(preparation.policy)
            context = ExplanationContext(
                policy: preparation.policy, view: preparation.view, workspace: preparation.workspace,
                home: preparation.facts.home)
            directory = preparation.facts.currentDirectory
        }
        if isAboutHost, let endpoint {
            try answer(aboutHostAt: endpoint, in: context, isInside)
        } else {
            try answerAboutPath(from: directory, in: context, isWalked: isWalked, isInside)
        }
    }

    private func answer(
        aboutHostAt endpoint: RequestedEndpoint, in context: ExplanationContext, _ isInside: Bool
    ) throws {
        let answer = ConnectAnswer(
            asked: path, endpoint: endpoint, isInside: isInside,
            explanation: ConnectExplanation(to: endpoint, in: context.network))
        Output.answer(try json ? answer.json() : answer.description)
        if answer.explanation.verdict == .denied { throw Outcome.no }
    }

    private func answerAboutPath(
        from directory: AbsolutePath, in context: ExplanationContext, isWalked: Bool, _ isInside: Bool
    ) throws {
        let followed: FollowedPath
        do throws(Errno) {
            followed = try FollowedPath(Array(path.utf8), from: directory) {
                isInside || context.showsLink(at: $0, isWalked: isWalked)
            }
        } catch {
            Output.complain("cannot follow \(PrintableText.escape(Array(path.utf8))): \(error)")
            throw error == .loop ? Outcome.undecided : Outcome.usage
        }
        let answer = WhyAnswer(
            use: use, asked: path, followed: followed, isInside: isInside,
            explanation: Explanation(of: use(of: followed, isInside), at: followed.path, in: context))
        Output.answer(try json ? answer.json() : answer.description)
        if answer.explanation.verdict == .denied { throw Outcome.no }
    }

    /// Whether the question is for a host rather than for the path of a socket.
    private var isAboutHost: Bool { use == "connect" && (!path.contains("/") || path.contains("://")) }

    private var endpoint: RequestedEndpoint? {
        let bytes = Array(path.utf8)
        return RequestedEndpoint(authority: bytes, defaultPort: 443)
            ?? RequestedHost(socks: bytes).map { RequestedEndpoint($0, 443) }
    }

    private var fileUse: FileUse? {
        switch use {
        case "read": .read
        case "write": .write
        case "exec": .execute
        case "connect": .connect
        default: nil
        }
    }

    /// Writing what isn't there is making it, which takes another line. Inside, what isn't there may only be hidden.
    private func use(of followed: FollowedPath, _ isInside: Bool) -> FileUse {
        let wanted = fileUse ?? .read
        return wanted == .write && !followed.exists && !isInside ? .create : wanted
    }

    private static func given() throws -> (ExplanationContext, AbsolutePath) {
        do throws(SandboxError) {
            return (try PublishedFiles.context(), try HostReader.facts().currentDirectory)
        } catch {
            Output.complain(error.description)
            throw Outcome.undecided
        }
    }

    /// Whether a launch would have the supervisor answer for the root of the view, with nothing hidden in it.
    private static func isWalked(_ policy: Policy) -> Bool {
        policy.audit.reads.value != .off && !policy.fileSystem.hide.value
            && KernelProbe.skeletonDevice(AbsolutePath.root.appending("dev").appending("fuse")) == .usable
    }

    private static func prepare(_ request: Preparation.Request) throws -> Preparation {
        let preparation: Preparation
        do throws(LaunchError) {
            preparation = try ProfileShowCommand.prepare(request)
        } catch {
            error.lines.forEach(Output.complain)
            // A profile that is wrong allows nothing and denies nothing.
            let outcome = ProfileShowCommand.outcome(of: error)
            throw outcome == .no ? Outcome.undecided : outcome
        }
        preparation.notices.forEach(Output.complain)
        return preparation
    }
}
