internal import Linux
internal import Sandbox

/// A child in which something is tried that can't be undone, such as entering a namespace.
enum ThrowAwayChild {
    /// Long enough for a loaded machine; what takes longer hangs.
    private static let usualLimit: Int64 = 10_000_000_000
    private static let mostBytes = 4000

    /// Runs an attempt in a child and takes the child down afterwards, whatever it did.
    ///
    /// - Parameters:
    ///   - namespaces: what the child has of its own; none is a plain child.
    ///   - attempt: what is tried.
    /// - Returns: what the attempt returned.
    /// - Throws: what the attempt threw, or why there was no answer.
    static func run(
        in namespaces: Processes.Namespaces = [], _ attempt: () throws(SandboxError) -> String
    ) throws(SandboxError) -> String {
        let pipe = try Probe.step({ SandboxError(.failed, "cannot make a pipe", errno: $0) }, Files.pipe)
        let process = try start(namespaces)
        if process == 0 {
            let writer = pipe.keepingSecond()
            try? Files.writeAll(writer.number, answer(attempt))
            Processes.exitNow(0)
        }
        let reader = pipe.keepingFirst()
        let bytes = wait(for: reader.number)
        try? Processes.signal(process, Signals.kill)
        let status = try? Processes.wait(for: process)
        return try decode(bytes, status)
    }

    /// Returns 0 in the child. Without namespaces it is fork(2), which a filter that refuses clone3(2) lets
    /// pass.
    private static func start(_ namespaces: Processes.Namespaces) throws(SandboxError) -> Int32 {
        if namespaces.isEmpty {
            return try Probe.step({ SandboxError(.failed, "cannot fork", errno: $0) }, Processes.fork)
        }
        do throws(Errno) {
            switch try Processes.clone(namespaces) {
            case .child: return 0
            case .parent(let process, _): return process
            }
        } catch {
            throw Remedy.namespaces(error)
        }
    }

    /// A byte for yes or no, then text fields with NUL between them.
    private static func answer(_ attempt: () throws(SandboxError) -> String) -> [UInt8] {
        let result = Probe.check("", nil, attempt)
        let text = Array(result.answer.utf8).prefix(mostBytes / 2)
        return [result.ok ? 1 : 0] + text + [0] + Array(result.remedy.utf8).prefix(mostBytes / 2)
    }

    private static func wait(for reader: Int32) -> [UInt8] {
        let deadline = Clock.monotonic() + usualLimit
        var entries = [Poll.Entry(reader, .readable)]
        while entries[0].returned.isEmpty {
            let rest = deadline - Clock.monotonic()
            guard rest > 0, (try? Poll.wait(&entries, nanoseconds: rest)) != nil else { return [] }
        }
        return (try? Files.read(reader, atMost: mostBytes + 2)) ?? []
    }

    private static func decode(_ bytes: [UInt8], _ status: WaitStatus?) throws(SandboxError) -> String {
        guard let first = bytes.first else {
            if case .signalled(let signal)? = status, signal != Signals.kill {
                throw SandboxError(.failed, "signal \(signal) ended the attempt")
            }
            throw SandboxError(.failed, "the attempt gave no answer in \(usualLimit / 1_000_000_000) s")
        }
        let fields = bytes.dropFirst().split(
            separator: 0, maxSplits: 1, omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        if first == 1 { return fields[0] }
        throw SandboxError(.missingLayer, fields[0], hint: fields.count > 1 ? fields[1] : "")
    }
}
