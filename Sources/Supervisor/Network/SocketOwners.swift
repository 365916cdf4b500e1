internal import Audit
internal import Linux

/// Finds out whose a connection is: by its two ends which socket it is, and by that who was about to connect it, or else
/// which process has it open.
///
/// All of it is for the record, takes a bounded time, and may end without an answer: a process can be gone, or give
/// its socket away.
struct SocketOwners: ~Copyable {
    /// A socket of sock_diag(7) in the sandbox's network namespace; nil where the kernel has none.
    private let diagnosis: FileDescriptor?
    /// What may still be spent in this second, in nanoseconds, on looking through all processes.
    private var budget = mostTime
    private var refilled: Int64 = 0

    private static let mostTime: Int64 = 20_000_000
    private static let second: Int64 = 1_000_000_000
    /// Descriptors of one process that are looked at; more are left out.
    private static let mostDescriptors = 4096

    init(diagnosis: consuming FileDescriptor?) {
        self.diagnosis = diagnosis
    }

    /// Whose a socket is.
    ///
    /// - Parameters:
    ///   - local: the program's own end.
    ///   - remote: the end that it chose.
    ///   - isDatagram: whether it is UDP.
    ///   - attempts: who was about to connect lately.
    ///   - processes: the sandbox's own process file system; negative when it isn't there.
    /// - Returns: nil when it can't be told.
    mutating func owner(
        local: SocketEndpoint, remote: SocketEndpoint, isDatagram: Bool, attempts: ConnectionAttempts,
        processes: Int32
    ) -> AuditedProcess? {
        let now = Clock.monotonic()
        let inode: UInt32?
        switch diagnosis {
        case .some(let diagnosis):
            inode = SocketDiagnosis.inode(
                diagnosis.number, local: local, remote: remote, isDatagram: isDatagram)
        case .none: inode = nil
        }
        // Which socket it is was seen when its maker was about to connect it, and that is who connected, whoever has it
        // by now.
        if let inode, let attempt = attempts.connecting(inode, at: now) { return attempt.process }
        let likely = attempts.towards(remote, at: now)
        guard let inode else { return Self.onlyOne(of: likely) }
        let name = Array("socket:[\(inode)]".utf8)
        for attempt in likely {
            let directory = CString("/proc/\(attempt.thread)/fd")
            if Self.isOpen(name, in: directory, at: Files.currentDirectory) {
                return attempt.process
            }
        }
        return search(for: name, in: processes, at: now) ?? Self.onlyOne(of: likely)
    }

    /// The inode of a socket in what a link of /proc/PID/fd leads to; nil when that is something else.
    static func inode(inLink target: [UInt8]) -> UInt32? {
        let prefix = "socket:[".utf8
        guard target.starts(with: prefix), target.last == UInt8(ascii: "]") else { return nil }
        return UInt32(String(decoding: target.dropFirst(prefix.count).dropLast(), as: UTF8.self))
    }

    /// Who tried to reach where nobody listens: such a socket isn't connected, so only the attempt tells.
    func sender(to destination: SocketEndpoint, attempts: ConnectionAttempts) -> AuditedProcess? {
        attempts.towards(destination, at: Clock.monotonic()).first?.process
    }

    /// The process of the attempts when they are all of one.
    private static func onlyOne(of attempts: [ConnectionAttempt]) -> AuditedProcess? {
        guard let first = attempts.first?.process,
            attempts.allSatisfy({ $0.process.process == first.process })
        else { return nil }
        return first
    }

    /// Looks through the processes of the sandbox, as long as the budget lasts.
    private mutating func search(for name: [UInt8], in processes: Int32, at now: Int64) -> AuditedProcess? {
        if now - refilled >= Self.second {
            refilled = now
            budget = Self.mostTime
        }
        guard processes >= 0, budget > 0 else { return nil }
        let end = now + budget
        defer { budget = end - Clock.monotonic() }
        guard let root = try? Files.open(CString("."), at: processes, [.read, .directory, .closeOnExec]),
            let entries = try? Files.entries(of: root.number)
        else { return nil }
        // The newest first: what connects was often started for that.
        for number in entries.compactMap({ Int32(String(decoding: $0.name, as: UTF8.self)) }).reversed() {
            if Clock.monotonic() >= end { return nil }
            if Self.isOpen(name, in: CString("\(number)/fd"), at: processes) {
                return TaskReader(processes: processes).actor(of: number)
            }
        }
        return nil
    }

    /// Whether a directory of descriptors (proc_pid_fd(5)) has one that leads to this.
    private static func isOpen(_ name: [UInt8], in path: CString, at start: Int32) -> Bool {
        guard let directory = try? Files.open(path, at: start, [.read, .directory, .closeOnExec]),
            let entries = try? Files.entries(of: directory.number)
        else { return false }
        // The newest are the highest, mostly.
        return entries.suffix(mostDescriptors).reversed().contains { entry in
            let target = try? Files.readLink(CString(entry.name), at: directory.number)
            return target.map { $0.elementsEqual(name) } ?? false
        }
    }
}
