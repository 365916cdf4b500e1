internal import Audit
internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

/// A launch with every decision taken: the plan and what runs in it.
struct Launch {
    let policy: Policy
    let plan: SandboxPlan
    let session: Session
    let notices: [String]
    /// The name of the session.
    let identifier: SessionIdentifier
    /// In nanoseconds.
    let timeLimit: Int64?
    /// What its records say.
    let facts: SessionFacts
    /// The level, and why it isn't the highest.
    let choice: LevelChoice
    private let wanted: SandboxPlan.Inputs

    init(_ options: RunOptions, closed: Set<Int32>) throws(LaunchError) {
        let installation: Installation
        do throws(SandboxError) {
            installation = try Installation()
        } catch {
            throw .sandbox(error)
        }
        let preparation = try Preparation(
            options.request, installation: installation, changesHost: !options.isDryRun)
        var random = SystemRandomNumberGenerator()
        identifier = SessionIdentifier(milliseconds: UInt64(Clock.realtime() / 1_000_000), using: &random)
        policy = preparation.policy
        notices = preparation.notices
        timeLimit = policy.process.limits.time.map { Self.nanoseconds($0.value) }
        var inputs: SandboxPlan.Inputs
        let descriptors: StandardDescriptors
        do throws(SandboxError) {
            descriptors = try StandardDescriptors(for: preparation.view, closed: closed)
            inputs = SandboxPlan.Inputs(
                policy: policy, view: preparation.view, facts: preparation.facts,
                workingDirectory: try Self.workingDirectory(options, preparation),
                terminal: descriptors.terminal, kernel: try KernelProbe.facts(), filter: [])
        } catch {
            throw .sandbox(error)
        }
        choice = try LevelChoice(for: inputs, within: preparation.nesting)
        let construction = choice.construction
        inputs.construction = construction
        wanted = inputs
        if construction.hasNamespaces {
            inputs.reads = try Self.reads(policy.audit.reads, options.skeletonDevice)
            inputs.published = PublishedContent(
                policy: policy, view: preparation.view, workspace: preparation.workspace,
                home: preparation.facts.home, session: identifier, level: construction.level)
        }
        let surroundings = construction.surroundings(inputs, within: preparation.nesting)
        let (filter, commandFilter) = try Self.filters(policy, surroundings)
        inputs.filter = filter
        inputs.view = construction.view(preparation.view)
        plan = SandboxPlan(inputs)
        // People look for what is recorded in the log of the session around it.
        let name = preparation.nesting?.session ?? identifier.description
        session = Self.session(
            options, preparation, descriptors, filter: commandFilter, name, construction)
        var facts = SessionFacts(
            identifier: identifier, policy: policy, published: inputs.published, view: inputs.view,
            host: preparation.facts, workspace: preparation.workspace,
            workingDirectory: inputs.workingDirectory,
            command: session.command, log: preparation.log, landlockVersion: inputs.kernel.landlockVersion,
            reads: inputs.reads, notices: notices + (choice.notice.map { [$0] } ?? []))
        facts.door = installation.egress
        facts.construction = construction
        facts.outerSession = preparation.nesting?.session
        self.facts = facts
    }

    /// The failure of a launch, with the level that would have done in its place.
    func completing(_ error: SandboxError) -> SandboxError { LevelChoice.completing(error, wanted) }

    /// Through which device denied reads are seen, if they are.
    private static func reads(
        _ wanted: Sourced<AuditPolicy.Reads>, _ argument: [UInt8]?
    ) throws(LaunchError) -> ReadAudit {
        if wanted.value == .off { return .off }
        guard let device = AbsolutePath(argument ?? Array("/dev/fuse".utf8)) else {
            throw .sandbox(SandboxError(.refused, "--fuse-device needs an absolute path"))
        }
        let answer = KernelProbe.skeletonDevice(device)
        if answer == .usable { return .fuse(device) }
        // Whoever asks for it by name doesn't want to go without.
        guard wanted.value == .fuse || argument != nil else { return .off }
        let errno: Errno? = if case .closed(let errno) = answer { errno } else { nil }
        throw .sandbox(
            SandboxError(
                .missingLayer, "\(device) can't be used, by which denied reads are seen", errno: errno,
                origin: wanted.origin, hint: "see mews doctor, or set audit: {reads: auto}"))
    }

    /// A limit of more than a century is none, and must not run over when the clock is added to it.
    private static func nanoseconds(_ milliseconds: UInt64) -> Int64 {
        let longest: UInt64 = 100 * 366 * 24 * 3600 * 1000
        return Int64(min(milliseconds, longest)) * 1_000_000
    }

    /// Init's filter and the command's. Init is under all that the command is under, but for what the profile
    /// takes away: a denied wait4 would leave nobody to reap.
    private static func filters(
        _ whole: Policy, _ surroundings: SyscallSurroundings
    ) throws(LaunchError) -> (initFilter: [UInt64], commandFilter: CommandFilter) {
        let policy = whole.process
        do throws(SyscallFilterError) {
            let command = try CommandFilter(
                policy, isNotifying: true, tellsPrograms: whole.audit.level.value == .commands,
                surroundings: surroundings)
            if policy.deniedSyscalls.isEmpty { return (command.plain, command) }
            let own = try SyscallFilter.make(
                allow: policy.allowedSyscalls.map(\.value), deny: [], debug: policy.debug.value,
                surroundings: surroundings)
            return (own.instructions, command)
        } catch {
            let lines = policy.allowedSyscalls + policy.deniedSyscalls
            let line = lines.first { error.description.contains("`\($0.value)`") }
            throw .sandbox(SandboxError(.refused, error.description, origin: line?.origin))
        }
    }

    /// The directory where the command starts: without links, and a part of the view.
    private static func workingDirectory(
        _ options: RunOptions, _ preparation: Preparation
    ) throws(SandboxError) -> AbsolutePath {
        let current = preparation.facts.currentDirectory
        let directory =
            if let argument = options.workingDirectory {
                try WorkspaceFinder.directory(argument, from: current, "directory")
            } else {
                current
            }
        guard preparation.view.access(to: directory) != .none else {
            throw SandboxError(
                .refused, "the directory \(directory) isn't in the view",
                hint: "start in \(preparation.workspace) (--cwd), or grant it with --read or --write")
        }
        return directory
    }

    private static func session(
        _ options: RunOptions, _ preparation: Preparation, _ descriptors: StandardDescriptors,
        filter: CommandFilter, _ identifier: String, _ construction: Construction
    ) -> Session {
        var environment = CommandEnvironment(
            policy: preparation.policy, facts: preparation.facts, session: identifier)
        if construction == .landlock { preparation.giveTemporaryDirectory(to: &environment) }
        let words: [[UInt8]] =
            switch options.program {
            case .command(let words): words
            case .string(let words): [Array("/bin/sh".utf8), Array("-c".utf8)] + words
            case .shell: [shell(preparation)]
            }
        return Session(
            command: Command(words, path: environment.value(of: "PATH")), environment: environment.entries,
            descriptors: descriptors, filter: filter)
    }

    /// The user's shell where the view has it, else bash, else sh.
    private static func shell(_ preparation: Preparation) -> [UInt8] {
        let wanted = preparation.facts.value(of: "SHELL").map { [$0] } ?? []
        for candidate in wanted + [Array("/bin/bash".utf8), Array("/bin/sh".utf8)] {
            guard let path = AbsolutePath(candidate),
                let place = try? Files.open(CString(path), [.pathOnly, .closeOnExec]),
                let name = try? Files.readLink(CString("/proc/self/fd/\(place.number)")),
                let real = AbsolutePath(name), preparation.view.access(to: real) != .none
            else { continue }
            return candidate
        }
        return Array("/bin/sh".utf8)
    }

    /// Says what appeared where nothing could be mounted, and moves aside what git would follow.
    func reportAppeared() {
        for place in plan.view.watched {
            switch place.check(suffix: ".refused-\(identifier)") {
            case .movedAside(let name):
                Messages.write(
                    "\(place.path) appeared during the run and was moved aside, to "
                        + "\(PrintableText.escape(name)): a program outside would have followed it")
            case .appeared:
                Messages.write(
                    "\(place.path) appeared during the run (\(place.origin) could not hold what wasn't there): "
                        + "look at it before a tool outside follows it")
            case .unknown(let errno):
                Messages.write(
                    "\(place.path), which \(place.origin) protects, can't be looked at after the run: \(errno): "
                        + "look at it before a tool outside follows it")
            case nil:
                continue
            }
        }
    }
}

extension Launch: CustomStringConvertible {
    /// What `--dry-run` prints: every step of the plan with the line behind it, then the command.
    var description: String {
        var text = ""
        for (index, operation) in plan.operations.enumerated() {
            text += "\(operation)"
            if let origin = plan.origins[index] { text += "  # \(origin)" }
            text += "\n"
        }
        let words = session.command.arguments.map { PrintableText.escape($0.bytes) }
        return text + "execute \(words.joined(separator: " "))\n"
    }
}
