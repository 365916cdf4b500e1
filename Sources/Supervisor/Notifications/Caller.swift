internal import Audit
internal import Linux

/// The thread that made a call, read through the host's /proc while the call waits.
///
/// Only texts and the targets of links are read, never a path through them: /proc/TID/root and /proc/TID/cwd lead
/// into the sandbox's own mounts.
struct Caller: Sendable {
    /// Its number on the host.
    let thread: Int32

    /// Its numbers in the innermost PID namespace.
    struct Numbers {
        let process: Int32
        let thread: Int32
        /// The process's number on the host.
        let hostProcess: Int32
    }

    /// The directory that its relative paths start from; nil when it has none with a name.
    func workingDirectory() -> [UInt8]? { link("cwd") }

    /// The path of an open descriptor; nil when that isn't a file with a name.
    func descriptorPath(_ number: Int32) -> [UInt8]? { link("fd/\(number)") }

    /// What an open descriptor leads to as the kernel puts it, also when that has no name any more.
    func descriptorTarget(_ number: Int32) -> [UInt8]? {
        try? Files.readLink(CString("/proc/\(thread)/fd/\(number)"))
    }

    /// The path of its program.
    func program() -> [UInt8]? { link("exe") }

    private func link(_ name: String) -> [UInt8]? {
        guard let target = try? Files.readLink(CString("/proc/\(thread)/\(name)")) else { return nil }
        return Self.place(target)
    }

    /// The path to which a link of /proc leads; nil when it is none, or has no place any more.
    static func place(_ target: [UInt8]) -> [UInt8]? {
        guard target.first == UInt8(ascii: "/"), target.count < 4096,
            // What has been removed is told by a suffix, and has no place any more.
            !target.suffix(deleted.count).elementsEqual(deleted)
        else { return nil }
        return target
    }

    private static let deleted = Array(" (deleted)".utf8)

    /// The mount that a descriptor was opened on, by its number (proc_pid_fdinfo(5)).
    func mount(ofDescriptor number: Int32) -> UInt64? {
        guard let text = Self.read("/proc/\(thread)/fdinfo/\(number)", limit: 4096) else { return nil }
        return Self.field("mnt_id:", of: text)?.first.flatMap { UInt64($0) }
    }

    /// Its numbers inside.
    func insideNumbers() -> Numbers? {
        Self.read("/proc/\(thread)/status", limit: 8192).flatMap { Self.numbers(inStatus: $0) }
    }

    /// The numbers in a proc_pid_status(5).
    static func numbers(inStatus text: [UInt8]) -> Numbers? {
        guard let process = field("NStgid:", of: text), let threads = field("NSpid:", of: text),
            let inside = process.last.flatMap({ Int32($0) }), let own = threads.last.flatMap({ Int32($0) }),
            let outside = process.first.flatMap({ Int32($0) })
        else { return nil }
        return Numbers(process: inside, thread: own, hostProcess: outside)
    }

    /// Who it is, as far as that can still be read.
    func actingProcess() -> AuditedProcess {
        let numbers = insideNumbers()
        // A thread may have a name of its own, by which nobody knows the program.
        var name = Self.read("/proc/\(numbers?.hostProcess ?? thread)/comm", limit: 64) ?? []
        if name.last == UInt8(ascii: "\n") { name.removeLast() }
        return AuditedProcess(
            process: numbers?.process ?? 0, hostProcess: numbers?.hostProcess, name: name, program: program())
    }

    static func read(_ path: String, at directory: Int32 = Files.currentDirectory, limit: Int) -> [UInt8]? {
        guard let file = try? Files.open(CString(path), at: directory, [.read, .closeOnExec]) else {
            return nil
        }
        return try? Files.read(file.number, atMost: limit)
    }

    /// The words behind a name at the start of a line.
    static func field(_ name: String, of text: [UInt8]) -> [String]? {
        let newline = UInt8(ascii: "\n")
        var rest = text[...]
        while !rest.starts(with: name.utf8) {
            guard let end = rest.firstIndex(of: newline) else { return nil }
            rest = rest[(end + 1)...]
        }
        return rest.dropFirst(name.utf8.count).prefix { $0 != newline }
            .split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
