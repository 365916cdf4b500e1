internal import Linux
internal import Network
internal import Sandbox

/// The door, as its supervisor keeps it: started when somebody inside connects, and again when it has died.
///
/// While it doesn't run, its listening sockets are waited for here. What arrives then waits in the kernel: nobody gets
/// an answer that isn't written down, and nothing gets out.
struct EgressDoor: ~Copyable {
    /// What came of it.
    enum Notice {
        /// Something was decided or seen: to be recorded before ``confirm(_:)``.
        case event(UInt64, NetworkEvent)
        /// A name got an address of the door's own.
        case named(IPAddress, DomainName)
        /// It has died, with a sentence on how, and is started again.
        case died(String)
    }

    /// What starting it takes.
    struct Program {
        /// Where its program is; nil where this installation has none.
        var path: AbsolutePath?
        /// What it is told, but for the key and the host's files.
        var settings: DoorSettings
        /// Mews's directory of state.
        var state: AbsolutePath
        /// Whose session it is.
        var user: UInt32
    }

    private let program: Program
    private let listeners: DescriptorList
    /// Readable when one of them is.
    private let queue: EventQueue
    private var process: DoorProcess?
    private var key: [UInt8] = []
    private var files = ResolverFiles()
    /// Until when it has to say that it is confined; until when it isn't started again.
    private var readyDeadline: Int64?
    private var pause: Int64?
    /// How often it died without a quiet time in between, and when last.
    private var deaths = 0
    private var lastDeath: Int64 = 0

    /// Why there is no door any more, and the command can't go on.
    private(set) var failure: String?

    /// From the start until it has to be confined: a busy machine takes its time.
    private static let readyTime: Int64 = 10_000_000_000
    private static let shortestPause: Int64 = 100_000_000
    private static let longestPause: Int64 = 10_000_000_000
    private static let quietTime: Int64 = 60_000_000_000
    private static let mostDeaths = 8
    /// Events that are taken in one go, so that signals and time limits are seen to in between.
    private static let mostAtOnce = 64

    /// Takes the listening sockets.
    ///
    /// - Throws: what the kernel says to a queue of them.
    init(_ program: Program, listeners: consuming DescriptorList) throws(Errno) {
        let queue = try EventQueue()
        for number in listeners.numbers { try queue.add(number, .readable, number: UInt64(number)) }
        self.queue = queue
        self.program = program
        self.listeners = listeners
    }

    /// Whether it runs.
    var isRunning: Bool { process != nil }

    /// The entry for poll(2): what the door says, or else whether it is needed.
    var entry: Poll.Entry {
        switch process {
        case .some(let process): process.entry
        case .none: Poll.Entry(pause == nil && failure == nil ? queue.descriptor.number : -1, .readable)
        }
    }

    /// When there is something to do without being told, by the monotonic clock.
    var nextDeadline: Int64? {
        Clock.first(Clock.first(readyDeadline, pause), process != nil ? files.nextLook : nil)
    }

    /// Does what there is to do.
    ///
    /// - Parameters:
    ///   - returned: what poll(2) says of the entry.
    ///   - host: where the host's files are looked up.
    ///   - now: the time by the monotonic clock.
    /// - Returns: what came of it, in its order.
    mutating func serve(_ returned: Poll.Events, _ host: inout HostLookup, at now: Int64) -> [Notice] {
        if failure != nil { return [] }
        if let end = pause, now >= end { pause = nil }
        guard isRunning else {
            guard !returned.isEmpty, pause == nil else { return [] }
            return start(&host, at: now)
        }
        var notices: [Notice] = []
        if returned.contains(.writable) { process?.flush() }
        if !returned.subtracting(.writable).isEmpty { notices += read(at: now) }
        if isRunning, let deadline = readyDeadline, now >= deadline {
            process = nil
            notices += end(.silent, wasReady: false, at: now)
        }
        if isRunning, files.look(&host, at: now) {
            process?.tell(configuration: files.configuration, hosts: files.hosts)
        }
        return notices
    }

    /// Reads what is there, for a while.
    private mutating func read(at now: Int64) -> [Notice] {
        var notices: [Notice] = []
        while notices.count < Self.mostAtOnce || !(process?.isHeardOut ?? true) {
            do throws(DoorProcess.End) {
                guard let said = try process?.next() else { break }
                switch said {
                case .event(let number, let event): notices.append(.event(number, event))
                case .named(let address, let name): notices.append(.named(address, name))
                }
            } catch {
                let wasReady = process?.isReady ?? false
                process = nil
                return notices + end(error, wasReady: wasReady, at: now)
            }
        }
        if process?.isReady ?? false { readyDeadline = nil }
        return notices
    }

    /// The records of all events up to this number are with the kernel.
    mutating func confirm(_ number: UInt64) {
        process?.confirm(number)
    }

    private mutating func start(_ host: inout HostLookup, at now: Int64) -> [Notice] {
        guard let path = program.path else {
            failure = "the network door isn't part of this installation; install Mews anew"
            return []
        }
        if key.isEmpty { key = DoorKey.load(from: program.state, user: program.user) }
        _ = files.look(&host, at: now)
        var settings = program.settings
        settings.key = key
        settings.resolver = files.configuration
        settings.hostsFile = files.hosts
        do throws(Errno) {
            process = try DoorProcess(path, settings, listeners: listeners.numbers)
            readyDeadline = now + Self.readyTime
            return []
        } catch {
            return end(.unstartable(error), wasReady: false, at: now)
        }
    }

    /// Takes note of an end: it is tried again after a pause, unless that is of no use.
    private mutating func end(_ end: DoorProcess.End, wasReady: Bool, at now: Int64) -> [Notice] {
        readyDeadline = nil
        if let hopeless = Self.hopeless(end, wasReady: wasReady) {
            failure = hopeless
            return [.died("The network door \(end).")]
        }
        deaths = now - lastDeath > Self.quietTime ? 1 : deaths + 1
        lastDeath = now
        guard deaths < Self.mostDeaths else {
            failure =
                "the network door (mews-egress) ended \(deaths) times in a row; the last time it \(end); "
                + "mews doctor tells what this host lacks"
            return [.died("The network door \(end).")]
        }
        pause = now + min(Self.longestPause, Self.shortestPause << Int64(deaths - 1))
        return [
            .died(
                "The network door \(end); its connections are cut, and it is started again when one is made.")
        ]
    }

    /// Why it isn't tried again: what is missing will be missing then, too.
    private static func hopeless(_ end: DoorProcess.End, wasReady: Bool) -> String? {
        let door = "the network door (mews-egress)"
        return switch end {
        case .unstartable(.noEntry), .unstartable(.accessDenied): "\(door) \(end); install Mews anew"
        case .ended(.exited(let status)) where !wasReady:
            "\(door) could not be started or confined (status \(status)); mews doctor tells what this host lacks"
        case .unopened: "\(door) \(end); mews doctor tells what this host lacks"
        case .silent: "\(door) \(end); try again when the host is less busy"
        case .unstartable, .ended, .garbage: nil
        }
    }

    /// Waits for what it still has to say, for a while.
    mutating func lastWords(within nanoseconds: Int64) -> [Notice] {
        var entries = [entry]
        guard isRunning, (try? Poll.wait(&entries, nanoseconds: nanoseconds)) != nil else { return [] }
        if entries[0].returned.contains(.writable) { process?.flush() }
        return entries[0].returned.subtracting(.writable).isEmpty ? [] : read(at: Clock.monotonic())
    }

    /// Ends it.
    mutating func stop() {
        process = nil
    }
}
