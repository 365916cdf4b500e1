internal import Audit
internal import Linux

/// What /proc/PID/status tells of a process (proc_pid_status(5)).
struct ProcessFacts: Hashable {
    /// Its number on the host and inside.
    let hostProcess: Int32
    let process: Int32
    /// Its parent's number on the host; 0 when that isn't to be seen.
    let hostParent: Int32
    /// The task's name.
    let name: [UInt8]
    /// The most memory that it held at once, in KiB; nil without memory of its own.
    let peakMemory: Int?

    private static let longest = 8192

    init?(ofThread thread: Int32) {
        guard let text = Caller.read("/proc/\(thread)/status", limit: Self.longest) else { return nil }
        self.init(text)
    }

    init?(_ text: [UInt8]) {
        guard let numbers = Caller.field("NStgid:", of: text),
            let outside = numbers.first.flatMap({ Int32($0) }),
            let inside = numbers.last.flatMap({ Int32($0) }), outside > 0, inside > 0
        else { return nil }
        hostProcess = outside
        process = inside
        hostParent = Caller.field("PPid:", of: text)?.first.flatMap { Int32($0) } ?? 0
        peakMemory = Caller.field("VmHWM:", of: text)?.first.flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
        name = Self.name(text)
    }

    /// The first line's, in which the kernel writes a line feed as `\n` and a backslash as two.
    private static func name(_ text: [UInt8]) -> [UInt8] {
        let label = Array("Name:\t".utf8)
        guard text.starts(with: label) else { return [] }
        var name: [UInt8] = []
        var isEscaped = false
        for byte in text[label.count...].prefix(while: { $0 != UInt8(ascii: "\n") }) {
            if isEscaped {
                name.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                name.append(byte)
            }
        }
        return name
    }

    /// Its parent, as far as that can be told.
    func parent() -> AuditedParent {
        guard hostParent > 0, let facts = ProcessFacts(ofThread: hostParent) else {
            return AuditedParent(process: 0, name: [])
        }
        return AuditedParent(process: facts.process, name: facts.name)
    }
}
