internal import Audit
internal import Linux
internal import Profile

/// Sees that a limit of the profile has been reached, for the record; the kernel holds it.
///
/// The kernel tells nobody that it refused a process, a descriptor or a block. So it is looked, now and then and cheaply,
/// at what is in use: what is at its limit then has reached it. What was at it between two looks isn't seen.
struct LimitWatch {
    private let limits: Limits
    private let temporarySize: Sourced<UInt64>
    /// The limits that have a record: each has one a session.
    private var told: Set<String> = []
    private var lastLook: Int64 = 0
    /// When it is to be looked next, by the monotonic clock; nil before the command runs.
    private(set) var nextDeadline: Int64?

    /// Between two looks: a look takes some microseconds for each process.
    private static let pause: Int64 = 250_000_000
    /// When the supervisor is awake anyway.
    private static let shortestPause: Int64 = 10_000_000

    init(_ limits: Limits, temporarySize: Sourced<UInt64>) {
        self.limits = limits
        self.temporarySize = temporarySize
    }

    /// Begins to look.
    mutating func start(at now: Int64) {
        nextDeadline = now + Self.shortestPause
    }

    /// Looks, unless it has been looked just now.
    ///
    /// - Parameters:
    ///   - processes: the root of the sandbox's process file system; negative where there is none.
    ///   - scratch: its scratch file system; negative where there is none.
    ///   - now: the time by the monotonic clock.
    ///   - isLast: whether the command has ended, so that there is no later look.
    /// - Returns: what has reached its limit for the first time.
    mutating func look(processes: Int32, scratch: Int32, at now: Int64, isLast: Bool = false) -> [LimitExcess]
    {
        guard nextDeadline != nil, isLast || now - lastLook >= Self.shortestPause else { return [] }
        lastLook = now
        nextDeadline = isLast ? nil : now + Self.pause
        return lookAtScratch(scratch) + lookAtProcesses(processes)
    }

    /// Whether a limit is reached for the first time.
    private mutating func isNews(_ name: String) -> Bool { told.insert(name).inserted }

    private mutating func lookAtScratch(_ scratch: Int32) -> [LimitExcess] {
        guard scratch >= 0, !told.contains("tmp"), let use = try? Files.storageUse(of: scratch),
            use.freeBytes == 0 || use.freeFiles == 0, isNews("tmp")
        else { return [] }
        return [Self.excess(temporarySize, use)]
    }

    static func excess(_ size: Sourced<UInt64>, _ use: StorageUse) -> LimitExcess {
        let rule = "filesystem.tmp: \(size.value)"
        if use.freeBytes > 0 {
            return LimitExcess(
                "tmp", Sourced(use.files, size.origin), .count, value: use.files - use.freeFiles, rule,
                "The private /tmp holds \(use.files) files, which is all that it may (\(size.origin)).")
        }
        return LimitExcess(
            "tmp", size, .bytes, value: use.bytes, rule,
            "The private /tmp is full: \(size.value) bytes (\(size.origin)).")
    }

    private mutating func lookAtProcesses(_ directory: Int32) -> [LimitExcess] {
        let most = told.contains("processes") ? nil : limits.processes
        let mostFiles = told.contains("open-files") ? nil : limits.openFiles
        guard directory >= 0, most != nil || mostFiles != nil,
            let root = try? Files.open(CString("."), at: directory, [.read, .directory, .closeOnExec]),
            let entries = try? Files.entries(of: root.number)
        else { return [] }
        var found: [LimitExcess] = []
        var tasks: UInt64 = 0
        for entry in entries {
            guard let number = Int32(String(decoding: entry.name, as: UTF8.self)) else { continue }
            if most != nil { tasks += Self.threads(of: number, in: directory) }
            guard let mostFiles, !told.contains("open-files"),
                let open = Self.openFiles(of: number, in: directory), open >= mostFiles.value
            else { continue }
            told.insert("open-files")
            found.append(Self.excess(mostFiles, open, number, in: directory))
        }
        if let most, tasks >= most.value, isNews("processes") {
            found.append(
                LimitExcess(
                    "processes", most, .count, value: tasks, "process.limits.processes: \(most.value)",
                    "\(tasks) processes and threads are there at once, of \(most.value) (\(most.origin))."))
        }
        return found
    }

    private static func excess(
        _ most: Sourced<UInt64>, _ open: UInt64, _ number: Int32, in directory: Int32
    ) -> LimitExcess {
        let process = TaskReader(processes: directory).actor(of: number)
        let name = process.name.isEmpty ? "A program" : PrintableText.escape(process.name)
        return LimitExcess(
            "open-files", most, .count, value: open, "process.limits.open-files: \(most.value)",
            "\(name) (\(number)) has \(open) files open, of \(most.value) (\(most.origin)).")
    }

    /// Each thread is a directory in `task`.
    private static func threads(of number: Int32, in directory: Int32) -> UInt64 {
        guard let status = try? Files.status(CString("\(number)/task"), at: directory) else { return 0 }
        return UInt64(max(status.links, 2) - 2)
    }

    /// The kernel gives the directory of descriptors their number as its size (Linux 6.2; 0 before).
    private static func openFiles(of number: Int32, in directory: Int32) -> UInt64? {
        try? Files.status(CString("\(number)/fd"), at: directory).size
    }
}

extension LimitExcess {
    /// A limit of a line of the profile.
    init(
        _ name: String, _ limit: Sourced<UInt64>, _ unit: Unit, value: UInt64?, _ rule: String,
        _ message: String
    ) {
        self.init(
            name: name, threshold: Int(clamping: limit.value), unit: unit,
            value: value.map { Int(clamping: $0) },
            message: message)
        self.rule = AuditedRule(text: rule, origin: "\(limit.origin)")
    }
}
