internal import Audit
internal import Linux

/// Observes threads through the sandbox's own process file system, in which they have the numbers that the kernel
/// names to the skeleton.
///
/// Nothing here enters the mounts of the sandbox: the files of a process are read, its links are only read as
/// text. Following them would lead into the skeleton, and the supervisor would wait for itself.
struct TaskReader: TaskObserver {
    /// A descriptor of the root of that file system; negative when it isn't there yet.
    let processes: Int32

    /// A thread that asked may not be asleep yet: it is looked at again at once, and then after pauses, with
    /// the slack of the timers two milliseconds in all.
    private static let attempts = 24
    private static let pause: Int64 = 40_000

    func call(of thread: Int32) -> PendingCall? {
        guard let file = open("syscall", of: thread) else { return nil }
        for attempt in 0..<Self.attempts {
            guard let line = try? Files.read(file.number, atMost: 256, from: 0) else { return nil }
            switch PendingCall.read(line) {
            case .call(let call): return call
            case .none: return nil
            case .running:
                if attempt < 4 { continue }
                var nobody: [Poll.Entry] = []
                _ = try? Poll.wait(&nobody, nanoseconds: Self.pause)
            }
        }
        return nil
    }

    func actor(of thread: Int32) -> AuditedProcess {
        let program = link("exe", of: thread)
        let process = leader(of: thread) ?? thread
        // A thread may have a name of its own, by which nobody knows the program.
        guard let name = read("comm", of: process) else {
            return AuditedProcess(process: 0, name: [], program: program)
        }
        return AuditedProcess(
            process: process, name: Array(name.prefix { $0 != UInt8(ascii: "\n") }), program: program)
    }

    func memory(of thread: Int32, at address: UInt64, count: Int) -> [UInt8]? {
        guard let offset = Int64(exactly: address), let file = open("mem", of: thread) else { return nil }
        return try? Files.read(file.number, atMost: count, from: offset)
    }

    func directory(of thread: Int32, descriptor: Int32?) -> AbsolutePath? {
        link(descriptor.map { "fd/\($0)" } ?? "cwd", of: thread).flatMap { AbsolutePath($0) }
    }

    /// The process that a thread belongs to: `Tgid` of proc_pid_status(5).
    private func leader(of thread: Int32) -> Int32? {
        guard let status = read("status", of: thread) else { return nil }
        let key = Array("Tgid:\t".utf8)
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: key) {
            return Int32(String(decoding: line.dropFirst(key.count), as: UTF8.self))
        }
        return nil
    }

    private func open(_ file: String, of thread: Int32) -> FileDescriptor? {
        guard processes >= 0, thread > 0 else { return nil }
        return try? Files.open(
            CString("\(thread)/\(file)"), at: processes, [.read, .noFollow, .closeOnExec])
    }

    private func read(_ file: String, of thread: Int32) -> [UInt8]? {
        guard let file = open(file, of: thread) else { return nil }
        return try? Files.read(file.number, atMost: 512)
    }

    private func link(_ file: String, of thread: Int32) -> [UInt8]? {
        guard processes >= 0, thread > 0 else { return nil }
        return try? Files.readLink(CString("\(thread)/\(file)"), at: processes)
    }
}
