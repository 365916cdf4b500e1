internal import Linux

/// The processes that come from this one, found in /proc: where neither a PID namespace nor a Landlock domain says who
/// belongs to a session.
///
/// One that is being forked meanwhile can be missed, so whoever wants to end all of them looks again until there are
/// none.
enum Descendants {
    private struct Entry {
        let process: Int32
        let parent: Int32
        /// In ticks since the start of the system.
        let started: UInt64
    }

    /// From the first look to giving up on what doesn't end.
    private static let patience: Int64 = 10_000_000_000

    /// Sends a signal to all of them.
    ///
    /// - Returns: how many there were.
    static func signal(_ number: Int32) -> Int {
        let found = all()
        for entry in found { try? Processes.signal(entry.process, number) }
        return found.count
    }

    /// Ends what an init that was killed has left to this process: all that came since its start and is under a
    /// filter. A caller may have had children of its own before it became `mews` by execve(2); those stay.
    static func endConfined(since start: UInt64) {
        let deadline = Clock.monotonic() + patience
        while Clock.monotonic() < deadline {
            do throws(Errno) {
                while let change = try Processes.reap(stops: false) { _ = change }
            } catch {
                // No child at all, so nothing has come here.
                return
            }
            let left = all().filter { $0.started >= start && isConfined($0.process) }
            if left.isEmpty { return }
            for entry in left { try? Processes.signal(entry.process, Signals.kill) }
            var none: [Poll.Entry] = []
            _ = try? Poll.wait(&none, nanoseconds: 2_000_000)
        }
    }

    /// When a process was started; 0 when that can't be told.
    static func startTime(of process: Int32) -> UInt64 {
        entry(of: process)?.started ?? 0
    }

    private static func all() -> [Entry] {
        guard let directory = try? Files.open(CString("/proc"), [.read, .directory, .closeOnExec]),
            let names = try? Files.entries(of: directory.number)
        else { return [] }
        let entries = names.compactMap { name in
            Int32(String(decoding: name.name, as: UTF8.self)).flatMap(entry)
        }
        let children = Dictionary(grouping: entries, by: \.parent)
        var found: [Entry] = []
        var next = children[Processes.number()] ?? []
        while !next.isEmpty {
            found += next
            next = next.flatMap { children[$0.process] ?? [] }
        }
        return found
    }

    private static func entry(of process: Int32) -> Entry? {
        guard let text = read("/proc/\(process)/stat"),
            // The name before it may hold anything, a parenthesis too.
            let name = text.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = text[(name + 1)...].split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
        // The fields 3, 4 and 22 of proc_pid_stat(5). A zombie can't be signalled any more.
        guard fields.count > 19, fields[0] != "Z", let parent = Int32(fields[1]),
            let start = UInt64(fields[19])
        else { return nil }
        return Entry(process: process, parent: parent, started: start)
    }

    private static func isConfined(_ process: Int32) -> Bool {
        read("/proc/\(process)/status").map(Inside.isConfined) ?? false
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = try? Files.open(CString(path), [.read, .closeOnExec]) else { return nil }
        return try? Files.read(file.number, atMost: 4096)
    }
}
