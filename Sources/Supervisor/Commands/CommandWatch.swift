internal import Audit
internal import Linux

/// Follows the programs that run inside: which process runs which, and how it ends.
///
/// It is told of each execve(2) and exit_group(2) before they go on, and decides nothing. Whether an execve(2)
/// succeeds is only seen afterwards, in the process's image; so its record waits until that has changed, a few
/// milliseconds at most for a program that goes on, and there is none for a name that a search for a program
/// tried in vain.
struct CommandWatch: ~Copyable {
    /// What an execve(2) is to run.
    struct Candidate {
        var program: [UInt8]
        var arguments: [[UInt8]]
        var workingDirectory: [UInt8]
        /// Whether a regular file of the view lies there.
        var isLikely: Bool
    }

    /// The most processes that are watched at once; of more, only the start is recorded.
    static let mostProcesses = 4096
    /// Descriptors that are left for everything else.
    private static let spareDescriptors = 64
    /// Events are held back so long until the session's own start is recorded.
    private static let mostHeld = 256
    /// From an attempt to the first look at what became of it, and how often it is looked.
    private static let firstLook: Int64 = 20_000_000
    private static let longestPause: Int64 = 1_000_000_000
    private static let mostLooks = 10

    private var queue: EventQueue
    private let redacted: [[UInt8]]
    private let most: Int
    private var processes: [Int32: WatchedProcess] = [:]
    /// The numbers of those with an attempt.
    private var attempting: Set<Int32> = []
    private var events: [CommandEvent] = []
    /// The session's own command, and its image before its own execve(2).
    private var session: Int32?
    private var sessionPlaces: [UInt64]?
    private var isSessionRecorded = false

    /// When `serve` has something to look at, by the monotonic clock.
    private(set) var nextDeadline: Int64?

    /// Starts to follow them. The limit of open descriptors is raised as far as it goes: each process takes one.
    ///
    /// - Parameters:
    ///   - redacted: texts that are replaced in arguments.
    ///   - most: how many are watched at once at most.
    /// - Throws: what the kernel answers to a queue of descriptors.
    init(redacted: [[UInt8]], most: Int = mostProcesses) throws(Errno) {
        queue = try EventQueue()
        self.redacted = redacted
        let limit = (try? Processes.limit(.openFiles)) ?? (soft: 1024, hard: 1024)
        try? Processes.setLimit(.openFiles, soft: limit.hard, hard: limit.hard)
        let room = Int(clamping: limit.hard) - Self.spareDescriptors
        self.most = min(most, max(0, room))
    }

    deinit {
        for process in processes.values { _ = FileDescriptor(owning: process.descriptor) }
    }

    /// Readable when one of them has ended.
    var descriptor: Int32 { queue.descriptor.number }

    /// The start of the session's own command has been recorded.
    mutating func sessionStarted() {
        isSessionRecorded = true
    }

    /// What is to be recorded, in its order.
    mutating func takeEvents() -> [CommandEvent] {
        guard isSessionRecorded || events.count > Self.mostHeld else { return [] }
        let taken = events
        events = []
        return taken
    }

    /// Takes note of an execve(2) that waits.
    ///
    /// - Parameters:
    ///   - thread: who calls, by its number on the host.
    ///   - candidate: what would be run; nil when there is no such program.
    ///   - now: the time by the monotonic clock.
    /// - Returns: what to ``withdraw(_:)`` if the process proves to be gone; nil when nothing was noted.
    mutating func attempts(_ thread: Int32, _ candidate: Candidate?, at now: Int64) -> Int32? {
        if candidate == nil, attempting.isEmpty, session != nil, sessionPlaces == nil { return nil }
        guard let facts = ProcessFacts(ofThread: thread),
            let image = ProcessImage(of: facts.hostProcess), !isOwnStart(facts, image)
        else { return nil }
        settle(facts.hostProcess, image, at: now)
        guard let candidate else { return nil }
        var execution = CommandExecution(
            process: facts.process, hostProcess: facts.hostProcess, program: candidate.program,
            arguments: candidate.arguments, workingDirectory: candidate.workingDirectory)
        execution.parent = facts.parent()
        execution.redacted = redacted
        guard var process = processes[facts.hostProcess] ?? watch(facts, image) else {
            if candidate.isLikely { events += [.started(execution), .unwatched] }
            return nil
        }
        let look = now + Self.firstLook
        process.attempt = WatchedProcess.Attempt(
            execution: execution, start: now, places: image.places, isLikely: candidate.isLikely,
            nextLook: look)
        processes[facts.hostProcess] = process
        attempting.insert(facts.hostProcess)
        nextDeadline = min(nextDeadline ?? look, look)
        return facts.hostProcess
    }

    /// Takes the last note of a process back: it was about one that is gone.
    mutating func withdraw(_ number: Int32) {
        guard var process = processes[number] else { return }
        process.attempt = nil
        process.exit = nil
        attempting.remove(number)
        if process.run == nil { remove(process) } else { processes[number] = process }
    }

    /// Whether this is Mews's own code that searches for the session's command: nothing else can have come before
    /// the first call, and as long as its image stays the same, it is.
    private mutating func isOwnStart(_ facts: ProcessFacts, _ image: ProcessImage) -> Bool {
        if session == nil {
            session = facts.hostProcess
            sessionPlaces = image.places
            return true
        }
        guard session == facts.hostProcess, let places = sessionPlaces else { return false }
        if places == image.places { return true }
        sessionPlaces = nil
        return false
    }

    private mutating func watch(_ facts: ProcessFacts, _ image: ProcessImage) -> WatchedProcess? {
        guard processes.count < most, let descriptor = try? Processes.open(facts.hostProcess),
            (try? queue.add(descriptor.number, .readable, number: UInt64(facts.hostProcess))) != nil
        else { return nil }
        return WatchedProcess(
            process: facts.process, hostProcess: facts.hostProcess, start: image.start,
            descriptor: descriptor.release(), isSession: facts.hostProcess == session)
    }

    /// Takes note of an exit_group(2) that waits.
    mutating func exits(_ thread: Int32, status: Int32, at now: Int64) -> Int32? {
        guard !processes.isEmpty, let facts = ProcessFacts(ofThread: thread),
            processes[facts.hostProcess] != nil
        else { return nil }
        if attempting.contains(facts.hostProcess), let image = ProcessImage(of: facts.hostProcess) {
            settle(facts.hostProcess, image, at: now)
        }
        processes[facts.hostProcess]?.exit = WatchedProcess.Exit(
            status: status & 0xff, peakMemory: facts.peakMemory, time: now)
        return facts.hostProcess
    }

    /// Decides by a process's image what became of its last attempt.
    private mutating func settle(_ number: Int32, _ image: ProcessImage, at now: Int64) {
        guard var process = processes[number] else { return }
        guard process.start == image.start else {
            // The number is another process's by now.
            return end(number, Processes.ending(descriptor: process.descriptor), at: now)
        }
        guard let attempt = process.attempt, !image.isEnded else { return }
        process.attempt = nil
        attempting.remove(number)
        if attempt.places != image.places {
            processes[number] = take(attempt, process)
        } else if process.run == nil {
            remove(process)
        } else {
            processes[number] = process
        }
    }

    /// An attempt succeeded.
    private mutating func take(
        _ attempt: WatchedProcess.Attempt, _ process: WatchedProcess
    ) -> WatchedProcess {
        var process = process
        let parent = attempt.execution.parent ?? AuditedParent(process: 0, name: [])
        process.run = WatchedProcess.Run(
            program: attempt.execution.program, start: attempt.start, parent: parent)
        events.append(.started(attempt.execution))
        if process.isSession {
            events.append(
                .replaced(SessionProgram(program: attempt.execution.program, start: attempt.start)))
        }
        return process
    }

    private mutating func remove(_ process: WatchedProcess) {
        processes[process.hostProcess] = nil
        attempting.remove(process.hostProcess)
        _ = FileDescriptor(owning: process.descriptor)
    }

    /// A process has ended.
    private mutating func end(_ number: Int32, _ status: WaitStatus?, at now: Int64) {
        guard var process = processes[number] else { return }
        // Killed before anybody could look: by what lay there.
        if let attempt = process.attempt, attempt.isLikely { process = take(attempt, process) }
        if let event = process.ending(status, at: now) { events.append(.ended(event)) }
        remove(process)
    }

    /// Looks at those that have ended, and at attempts whose time has come.
    mutating func serve(at now: Int64) {
        let count = (try? queue.wait(nanoseconds: 0)) ?? 0
        for index in 0..<count { collect(Int32(truncatingIfNeeded: queue[index].number), at: now) }
        guard let deadline = nextDeadline, now >= deadline else { return }
        nextDeadline = nil
        for number in attempting { look(number, at: now) }
    }

    private mutating func collect(_ number: Int32, at now: Int64) {
        guard let process = processes[number] else { return }
        let descriptor = process.descriptor
        if let status = Processes.ending(descriptor: descriptor) { return end(number, status, at: now) }
        let image = ProcessImage(of: number)
        guard Processes.exists(descriptor: descriptor) else {
            // Its parent has taken notice since the first question.
            return end(number, Processes.ending(descriptor: descriptor), at: now)
        }
        // It was there before and after, so what was read was its own.
        guard let image, image.isEnded else { return }
        end(number, image.status, at: now)
    }

    private mutating func look(_ number: Int32, at now: Int64) {
        guard var process = processes[number], var attempt = process.attempt, let next = attempt.nextLook
        else {
            return
        }
        if now >= next {
            if let image = ProcessImage(of: number), image.places != attempt.places || image.isEnded {
                settle(number, image, at: now)
                return
            }
            attempt.looks += 1
            let pause = min(Self.longestPause, Self.firstLook << Int64(attempt.looks))
            attempt.nextLook = attempt.looks < Self.mostLooks ? now + pause : nil
            process.attempt = attempt
            processes[number] = process
        }
        if let next = attempt.nextLook { nextDeadline = min(nextDeadline ?? next, next) }
    }

    /// All processes have ended.
    mutating func finish(at now: Int64) {
        isSessionRecorded = true
        for process in processes.values.sorted(by: { ($0.start, $0.process) < ($1.start, $1.process) }) {
            end(process.hostProcess, Processes.ending(descriptor: process.descriptor), at: now)
        }
    }
}
