internal import Audit
internal import Linux
internal import Profile
internal import Sandbox

/// Everything that sees what a session does: the skeleton, the notifications, and the log behind both.
struct SessionObserver: ~Copyable {
    private var witness: SessionWitness
    private var skeleton: Skeleton?
    private var notifications: CallNotifications?
    /// Follows the programs that are run, when the profile asks for that.
    private var commands: CommandWatch?
    /// The sandbox's network.
    private var network: NetworkWatch?
    private var scratch: FileDescriptor?
    /// The session's own /tmp, where something of it is wanted at the end.
    private var temporary: FileDescriptor?
    /// The same, by which it is seen how full it is.
    private var storage: FileDescriptor?
    private var limits: LimitWatch
    private var processes: FileDescriptor?
    private let facts: SessionFacts
    private let filter: CommandFilter
    /// What was served so far, also by what is gone again.
    private var requests = 0
    private var served = 0
    /// Whether nobody answers for the command's filter any more, whose calls would fail as on a kernel that lacks
    /// them, or for the root of its view: it has to be ended.
    private(set) var isDeaf = false

    /// Opens the log: from here on nothing may happen that isn't in it.
    ///
    /// - Throws: why there is no log.
    init(
        _ facts: SessionFacts, _ filter: CommandFilter, _ host: consuming HostLookup
    ) throws(AuditFailure) {
        let recorder = try SessionRecorder(facts, observesWrites: filter.notifying != nil)
        witness = SessionWitness(host: host, recorder: recorder)
        limits = LimitWatch(facts.policy.process.limits, temporarySize: facts.policy.fileSystem.temporarySize)
        self.facts = facts
        self.filter = filter
    }

    /// Why the command must not go on.
    var failure: AuditFailure? { witness.recorder.failure }

    /// When something is to be done next, by the monotonic clock.
    var nextDeadline: Int64? {
        let look: Int64? =
            switch commands {
            case .some(let commands): commands.nextDeadline
            case .none: nil
            }
        let door: Int64? =
            switch network {
            case .some(let network): network.nextDeadline
            case .none: nil
            }
        return Clock.first(
            Clock.first(witness.recorder.nextDeadline, look), Clock.first(door, limits.nextDeadline))
    }

    /// How many entries for poll(2) there are.
    static let entryCount = 3 + NetworkWatch.entryCount

    /// Adds the entries for poll(2): the skeleton's, the notifications', that of programs that have ended, and those of
    /// the network. A negative descriptor is passed over.
    func addEntries(to entries: inout [Poll.Entry]) {
        switch skeleton {
        case .some(let skeleton): entries.append(Poll.Entry(skeleton.descriptor, .readable))
        case .none: entries.append(.nothing)
        }
        switch notifications {
        case .some(let notifications): entries.append(Poll.Entry(notifications.descriptor, .readable))
        case .none: entries.append(.nothing)
        }
        switch commands {
        case .some(let commands): entries.append(Poll.Entry(commands.descriptor, .readable))
        case .none: entries.append(.nothing)
        }
        switch network {
        case .some(let network): network.addEntries(to: &entries)
        case .none: for _ in 0..<NetworkWatch.entryCount { entries.append(.nothing) }
        }
    }

    /// Takes over the sandbox's network.
    ///
    /// - Throws: what the kernel says; nobody would answer there then.
    mutating func take(network descriptors: consuming NetworkDescriptors) throws(Errno) {
        if let errno = descriptors.packetsError { witness.recorder.losesPacketObserver(errno) }
        let directory = facts.log.directory
        let program = EgressDoor.Program(
            path: facts.door, settings: facts.policy.network.settings, state: directory.parent ?? directory,
            user: facts.host.user)
        network = try NetworkWatch(program, descriptors)
    }

    /// Why there is no way into the network any more: the command must not go on.
    var doorFailure: String? {
        switch network {
        case .some(let network): network.failure
        case .none: nil
        }
    }

    /// Takes over the root of the view.
    mutating func take(skeleton device: consuming FileDescriptor) {
        let settings = SkeletonSettings(
            hides: facts.policy.fileSystem.hide.value, notificationsOn: filter.notifying != nil,
            user: facts.host.user, group: facts.host.group, time: Clock.realtime())
        skeleton = Skeleton(facts.view, settings, device: device)
    }

    /// Takes the sandbox's scratch file system.
    mutating func take(scratch descriptor: consuming FileDescriptor) {
        witness.recorder.setScratch(descriptor.number)
        if facts.keptFile != nil {
            // Now, because nothing inside can have put anything else there yet.
            temporary = try? Files.open(
                CString("tmp"), at: descriptor.number, [.pathOnly, .directory, .noFollow, .closeOnExec])
        }
        storage = try? Files.duplicate(descriptor.number, from: 3)
        scratch = consume descriptor
    }

    /// Takes the sandbox's process file system.
    mutating func take(processes descriptor: consuming FileDescriptor) {
        processes = consume descriptor
        // While the child goes on by itself, rather than when the command's first look outside the view waits.
        witness.host.prepare()
    }

    /// Starts to listen to the command's filter.
    ///
    /// - Throws: what the kernel answers; the command's calls would then fail with ENOSYS, so it has to be ended.
    mutating func take(listener descriptor: consuming FileDescriptor) throws(Errno) {
        var made = try CallNotifications(
            listener: descriptor, view: facts.view, filter: filter.plain,
            skeletonSeesConnections: facts.reads != .off)
        made.refusesAttributes = facts.construction == .landlock
        if let scratch = scratch.take() { made.setScratch(scratch) }
        if facts.policy.audit.level.value == .commands {
            commands = try CommandWatch(redacted: facts.redacted)
        }
        notifications = consume made
    }

    /// Goes on without a listener, which the kernel refuses.
    mutating func goWithoutListener(_ errno: Errno) {
        witness.recorder.losesWrites(errno)
    }

    /// Answers what waits.
    ///
    /// - Parameters:
    ///   - entries: what poll(2) says.
    ///   - first: where those of ``addEntries(to:)`` begin among them.
    mutating func serve(_ entries: [Poll.Entry], from first: Int) {
        if !entries[first].returned.isEmpty { serveSkeleton() }
        if !entries[first + 1].returned.isEmpty { serveNotifications(entries[first + 1].returned) }
        if !entries[first + 2].returned.isEmpty || isLookDue { serveCommands() }
        // After the notifications: they say who was about to connect.
        let number = processNumber
        network?.serve(
            door: entries[first + 3].returned, packets: entries[first + 4].returned, &witness,
            processes: number)
        lookAtLimits()
        if let deadline = witness.recorder.nextDeadline, Clock.monotonic() >= deadline {
            witness.recorder.flush()
        }
    }

    private mutating func lookAtLimits(isLast: Bool = false) {
        let number: Int32 =
            switch storage {
            case .some(let storage): storage.number
            case .none: -1
            }
        let found = limits.look(
            processes: processNumber, scratch: number, at: Clock.monotonic(), isLast: isLast)
        for excess in found { witness.recorder.record(excess) }
    }

    private var isLookDue: Bool {
        switch commands {
        case .some(let commands): commands.nextDeadline.map { Clock.monotonic() >= $0 } ?? false
        case .none: false
        }
    }

    private mutating func serveCommands() {
        commands?.serve(at: Clock.monotonic())
        recordCommands()
    }

    private mutating func recordCommands() {
        for event in commands?.takeEvents() ?? [] { witness.recorder.record(event) }
    }

    private var processNumber: Int32 {
        switch processes {
        case .some(let descriptor): descriptor.number
        case .none: -1
        }
    }

    private mutating func serveSkeleton() {
        let number = processNumber
        let continuation = skeleton?.serve(&witness, processes: number) ?? .gone
        requests = skeleton?.count ?? requests
        if continuation == .goesOn { return }
        skeleton = nil
        isDeaf = isDeaf || continuation == .failed
    }

    private mutating func serveNotifications(_ returned: Poll.Events) {
        // Nobody is under the filter any more, and it would tell so for ever.
        guard returned == .readable else {
            notifications = nil
            return
        }
        do throws(Errno) {
            try Self.serve(&notifications, &commands, &network, &witness.host, &witness.recorder)
            served = notifications?.count ?? served
        } catch {
            notifications = nil
            isDeaf = true
        }
    }

    private static func serve(
        _ notifications: inout CallNotifications?, _ commands: inout CommandWatch?,
        _ network: inout NetworkWatch?, _ host: inout HostLookup, _ recorder: inout SessionRecorder
    ) throws(Errno) {
        try notifications?.serve(looking: &host, following: &commands) { notice in
            switch notice {
            case .denied(let act): recorder.record(act)
            case .command(let event): recorder.record(event)
            case .connecting(let attempt): network?.note(attempt)
            }
        }
    }

    /// The command runs.
    mutating func started(process: Int32, hostProcess: Int32?) {
        witness.recorder.started(process: process, hostProcess: hostProcess)
        commands?.sessionStarted()
        recordCommands()
        limits.start(at: Clock.monotonic())
    }

    /// The command couldn't be executed.
    mutating func notExecuted(_ errno: Errno) {
        witness.recorder.notExecuted(errno)
    }

    /// The most memory that the command held, in KiB.
    mutating func setPeakMemory(_ kibibytes: Int32) {
        witness.recorder.setPeakMemory(kibibytes)
    }

    /// The command ended.
    mutating func ended(_ status: WaitStatus) {
        // What it became by execve(2), and what ended before it, stands before its end.
        serveCommands()
        lookAtLimits(isLast: true)
        witness.recorder.ended(status)
    }

    /// The time limit is over.
    mutating func timeLimitExceeded() {
        witness.recorder.timeLimitExceeded()
    }

    private static let mostKeptBytes = 4096

    /// Reads what the command left in the file. Any program inside may have put anything there: it isn't followed,
    /// waited for or read to a far end.
    private func keptFile() -> [UInt8]? {
        guard let name = facts.keptFile, AbsolutePath.isComponent(name) else { return nil }
        let directory: Int32
        switch temporary {
        case .some(let temporary): directory = temporary.number
        case .none: return nil
        }
        return Files.regularContent(CString(name), at: directory, limit: Self.mostKeptBytes)
    }

    /// Writes the end of the session, of which no process is left.
    mutating func finish(_ summary: SessionSummary) -> SessionSummary {
        commands?.finish(at: Clock.monotonic())
        recordCommands()
        network?.finish(&witness.recorder)
        var summary = summary
        summary.observed.requests = requests
        summary.observed.notifications = served
        summary.keptFile = keptFile()
        return witness.recorder.finish(summary)
    }
}
