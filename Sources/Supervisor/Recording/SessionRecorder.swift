public import Audit
public import Linux
internal import Network
internal import Profile
internal import Sandbox

/// Writes what happens in a session into its log, and counts it for what is said at the end.
///
/// It explains and counts; it decides nothing. When the log can't be written any more and the profile says that
/// the command must not go on without it, `failure` tells so.
public struct SessionRecorder: ~Copyable {
    let facts: SessionFacts
    private var log: AuditLog
    /// Nil when no log is kept.
    private var ledger: SessionLedger?
    /// Made for the first denial: most sessions have none, and it takes longer than writing one.
    private var madeContext: ExplanationContext?
    private var published: PublishedDenials?
    private let policy: AuditedPolicy
    /// What was denied so far.
    public internal(set) var tally = DenialTally()
    /// Whom the network was asked for so far.
    public internal(set) var network = NetworkTally()
    /// What was explained of the network lately.
    var explained = ExplainedConnections()
    /// Looks at what is outside the view, which get no record.
    private var looks = 0
    /// Whether denied writes are seen.
    private var observesWrites: Bool
    /// Whether what is sent to where nobody listens is seen.
    private var observesPackets = true
    /// Why the command must not go on.
    public private(set) var failure: AuditFailure?
    /// The command: its number inside and on the host, and when it started by the monotonic clock.
    private var command: (process: Int32, hostProcess: Int32?, start: Int64)?
    private var peakMemory: Int?
    /// The limits that were reached, of which there are few.
    private var excesses: [LimitExcess] = []
    /// What the command became by execve(2) of its own.
    private var program: SessionProgram?

    /// Opens the log, writes the first records and enters the session into the ledger.
    ///
    /// - Parameters:
    ///   - facts: what they say.
    ///   - observesWrites: whether the command's filter notifies.
    /// - Throws: why there can't be a log; then nothing may be started.
    public init(_ facts: SessionFacts, observesWrites: Bool) throws(AuditFailure) {
        let host = HostRecord.read()
        let owner = facts.owner(host)
        var log: AuditLog
        var ledger: SessionLedger?
        if facts.log.isKept {
            let directory = try AuditDirectory(at: facts.log.directory, user: facts.host.user)
            log = try Self.open(facts, directory, owner)
            ledger = SessionLedger(
                in: directory, for: facts.identifier, durability: facts.settings.durability)
        } else {
            log = try AuditLog(discardedBy: owner, facts.settings)
        }
        let policy = facts.auditedPolicy()
        let now = Moment.now()
        try log.start(facts.start(host, policy, observesWrites: observesWrites), at: now)
        try log.append(.policyLoaded(PolicyLoading(policy: policy, notes: facts.notices)), at: now)
        do throws(AuditFailure) {
            try ledger?.open(
                start: log.startHash, log: facts.log.file, at: Int(now.realtime / 1_000_000),
                clock: Clock.monotonic)
        } catch {
            // Else it would for ever look like the log of a session that was killed.
            let end = SessionEnd(
                cause: .refused, status: SessionSummary.Status.notStarted, detail: error.description)
            try? log.finish(end, at: .now())
            throw error
        }
        self.log = log
        self.ledger = ledger
        self.policy = policy
        self.facts = facts
        self.observesWrites = observesWrites
    }

    private mutating func context() -> ExplanationContext {
        if let madeContext { return madeContext }
        let context = ExplanationContext(
            policy: facts.policy, view: facts.view, workspace: facts.workspace, home: facts.host.home)
        madeContext = context
        return context
    }

    private static func open(
        _ facts: SessionFacts, _ directory: borrowing AuditDirectory, _ owner: AuditOwner
    ) throws(AuditFailure) -> AuditLog {
        if let file = facts.log.file { return try AuditLog(at: file, of: owner, facts.settings) }
        return try AuditLog(in: directory, of: owner, facts.settings)
    }

    /// Gives it the sandbox's scratch file system, in which the command can read what it runs under and what was
    /// denied.
    public mutating func setScratch(_ descriptor: Int32) {
        facts.published?.writeSession(digest: Hexadecimal.text(policy.digest), scratch: descriptor)
        published = PublishedDenials(scratch: descriptor, hides: facts.policy.fileSystem.hide.value)
    }

    /// Writes a denied act. The process that tried it still waits, where Mews is asked first.
    public mutating func record(_ act: DeniedAct) {
        let denial = explain(act, in: context())
        tally.add(act.kind, denial.message, rule: denial.rule.line, fix: denial.fix)
        let records = log.records
        attempt { (log, now) throws(AuditFailure) in try log.append(denial, at: now) }
        // What has no record of its own, being counted with others, isn't news.
        guard log.records > records else { return }
        let isOutside = [.outsideView, .masked, .notProbed].contains(denial.reason)
        published?.append(Array(log.lastLine), isOutside: isOutside)
    }

    /// Writes what was asked of the network, and publishes it when it was refused. What is only counted with others
    /// isn't put into words.
    mutating func append(
        _ event: NetworkEvent, by process: AuditedProcess?, explain: () -> NetworkActivity
    ) {
        let records = log.records
        attempt { (log, now) throws(AuditFailure) in
            try log.append(event, by: process, at: now, explain: explain)
        }
        guard log.records > records, event.kind == .denied || event.kind == .nameDenied else { return }
        published?.append(Array(log.lastLine), isOutside: false)
    }

    /// Writes that the network's door died.
    mutating func doorDied(_ sentence: String) {
        network.deaths += 1
        network.lastDeath = sentence
        note(sentence)
    }

    /// Counts refused packets that the kernel had no room for.
    mutating func losesPackets(_ count: Int) {
        attempt { (log, now) throws(AuditFailure) in
            try log.appendUnseen(.networkDenied, count: count, at: now)
        }
    }

    /// Writes what has changed of the conditions that hold.
    private mutating func note(_ sentence: String) {
        let policy = policy
        attempt { (log, now) throws(AuditFailure) in
            try log.append(.policyLoaded(PolicyLoading(policy: policy, notes: [sentence])), at: now)
        }
    }

    /// Counts a look at something outside the view.
    public mutating func countLook() {
        looks += 1
    }

    /// Writes that the command runs.
    public mutating func started(process: Int32, hostProcess: Int32?) {
        let now = Moment.now()
        command = (process, hostProcess, now.monotonic)
        let event = execution(process, hostProcess, failure: nil)
        attempt { (log, now) throws(AuditFailure) in try log.append(.commandExec(event), at: now) }
    }

    /// Writes that the command couldn't be executed.
    public mutating func notExecuted(_ errno: Errno) {
        let event = execution(0, nil, failure: errno)
        attempt { (log, now) throws(AuditFailure) in try log.append(.commandExec(event), at: now) }
    }

    /// Notes that denied writes and calls aren't seen, although they were to be.
    public mutating func losesWrites(_ errno: Errno) {
        observesWrites = false
        let what =
            facts.policy.audit.level.value == .commands
            ? "Denied writes, calls and programs" : "Denied writes and calls"
        note("\(what) aren't seen: the kernel allows no listener (\(errno)).")
    }

    /// Notes that what is sent to where nobody listens isn't seen.
    mutating func losesPacketObserver(_ errno: Errno) {
        observesPackets = false
        note(
            "Connections to where nobody listens are refused and aren't seen: the kernel allows no observer (\(errno))."
        )
    }

    /// The line of the profile that denies a system call, if one does.
    func lineDenying(call: String) -> Origin? {
        facts.policy.process.deniedSyscalls.first { $0.value == call }?.origin
    }

    /// Keeps the most memory that the command held, in KiB.
    public mutating func setPeakMemory(_ kibibytes: Int32) {
        peakMemory = Int(kibibytes)
    }

    /// Writes what was seen of a program that runs inside.
    mutating func record(_ event: CommandEvent) {
        switch event {
        case .started(let event):
            attempt { (log, now) throws(AuditFailure) in try log.append(.commandExec(event), at: now) }
        case .ended(let event):
            attempt { (log, now) throws(AuditFailure) in try log.append(.commandExit(event), at: now) }
            noteFileSize(event)
        case .replaced(let program):
            self.program = program
        case .unwatched:
            attempt { (log, now) throws(AuditFailure) in try log.appendUnwatched(.commandExit, at: now) }
        }
    }

    /// Writes that the command ended.
    public mutating func ended(_ status: WaitStatus) {
        guard let command else { return }
        let outcome: CommandExit.Outcome =
            switch status {
            case .exited(let status): .status(status)
            case .signalled(let signal), .stopped(let signal): .signal(signal)
            }
        let lasted = program.map { Int((Clock.monotonic() - $0.start) / 1_000_000) } ?? milliseconds
        let event = CommandExit(
            process: command.process, hostProcess: command.hostProcess,
            program: program?.program ?? facts.command.name,
            outcome: outcome, milliseconds: lasted, peakMemory: peakMemory)
        attempt { (log, now) throws(AuditFailure) in try log.append(.commandExit(event), at: now) }
        noteFileSize(event)
    }

    /// Writes that a limit of the profile was reached.
    mutating func record(_ excess: LimitExcess) {
        excesses.append(excess)
        attempt { (log, now) throws(AuditFailure) in try log.append(.limitExceeded(excess), at: now) }
    }

    /// Who writes beyond the largest file that it may have gets a signal, and ends by it unless it minds
    /// (setrlimit(2)).
    private mutating func noteFileSize(_ exit: CommandExit) {
        guard exit.outcome == .signal(Signals.fileSize), let limit = facts.policy.process.limits.fileSize,
            !excesses.contains(where: { $0.name == "file-size" })
        else { return }
        let name = PrintableText.escape(exit.program)
        record(
            LimitExcess(
                "file-size", limit, .bytes, value: nil, "process.limits.file-size: \(limit.value)",
                "\(name) wanted a file larger than \(limit.value) bytes (\(limit.origin)) and was ended by a signal."
            ))
    }

    /// Writes that the time limit ended the command.
    public mutating func timeLimitExceeded() {
        guard let limit = facts.policy.process.limits.time else { return }
        record(
            LimitExcess(
                "time", limit, .milliseconds, value: UInt64(max(0, milliseconds)),
                "process.limits.time: \(limit.value)ms",
                "The time limit of \(limit.value) ms (\(limit.origin)) ended the command."))
    }

    /// How long the command has been running, in milliseconds; 0 before it does.
    private var milliseconds: Int {
        command.map { Int((Clock.monotonic() - $0.start) / 1_000_000) } ?? 0
    }

    private func execution(_ process: Int32, _ hostProcess: Int32?, failure: Errno?) -> CommandExecution {
        var event = CommandExecution(
            process: process, hostProcess: hostProcess, program: facts.command.name,
            arguments: facts.command.arguments.map(\.bytes),
            workingDirectory: facts.workingDirectory.bytes, failure: failure)
        event.redacted = facts.redacted
        return event
    }

    /// When `flush` has something to do next, by the monotonic clock.
    public var nextDeadline: Int64? { log.nextDeadline }

    /// Writes what is due.
    public mutating func flush() {
        attempt { (log, now) throws(AuditFailure) in try log.flush(at: now) }
    }

    /// Does something with the log, at this moment. What goes wrong ends the session or is counted, as the profile
    /// says; the log itself knows which.
    private mutating func attempt(_ act: (inout AuditLog, Moment) throws(AuditFailure) -> Void) {
        do throws(AuditFailure) {
            try act(&log, Moment.now())
        } catch {
            failure = failure ?? error
        }
    }

    /// Writes the last record and closes the ledger.
    ///
    /// - Parameter summary: how the session ended; what the log knows is added.
    /// - Returns: what is said of the session.
    public mutating func finish(_ summary: SessionSummary) -> SessionSummary {
        var summary = summary
        summary.duration = Int64(milliseconds)
        summary.denied = tally
        summary.network = network
        summary.limits = excesses
        summary.session = facts.outerSession ?? facts.identifier.description
        summary.level = "\(facts.construction.level)"
        summary.policy = (facts.policy.name, Hexadecimal.text(policy.digest))
        summary.observed.reads = facts.reads != .off
        summary.observed.writes = observesWrites
        summary.observed.packets = observesPackets && facts.construction.hasNamespaces
        var end = SessionEnd(
            cause: summary.ended.cause, status: summary.status, signal: summary.signal, detail: summary.detail
        )
        var trouble: AuditFailure?
        end.allowedProbes = facts.reads == .off ? nil : looks
        attempt { (log, now) throws(AuditFailure) in try log.finish(end, at: now) }
        do throws(AuditFailure) {
            try ledger?.close(
                end.cause, records: log.records, last: log.lastHash, lost: log.totals.lost,
                at: Int(Clock.realtime() / 1_000_000), clock: Clock.monotonic)
        } catch {
            // A ledger without the end belongs to what the profile says of a log that can't be written.
            if facts.settings.onFailure == .stop { failure = failure ?? error }
            trouble = error
        }
        guard facts.log.isKept else { return summary }
        summary.log = SessionSummary.Log(
            path: log.path.description, isElsewhere: facts.log.file != nil, records: log.records,
            hash: String(decoding: log.lastHash, as: UTF8.self), lost: log.totals.lost,
            trouble: (log.failure ?? trouble)?.description)
        return summary
    }
}

extension Moment {
    /// Both clocks, now.
    static func now() -> Moment {
        Moment(realtime: Clock.realtime(), monotonic: Clock.monotonic())
    }
}

extension SessionSummary.Ended {
    /// The same for the log.
    var cause: SessionEnd.Cause {
        switch self {
        case .exit: .exit
        case .signal: .signal
        case .timeout: .timeout
        case .stopped: .stopped
        case .refused: .refused
        }
    }
}
