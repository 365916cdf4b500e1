internal import Linux

/// Which program image a process has, as far as /proc/PID/stat tells (proc_pid_stat(5)).
///
/// execve(2) puts code, stack and arguments to new random places, so two different ones of a process mean that it
/// succeeded in between, and two equal ones that it didn't.
struct ProcessImage: Hashable {
    /// Whether it has ended and only its parent hasn't taken notice yet.
    let isEnded: Bool
    /// When it started, in ticks since the host's start: with the number, who it is.
    let start: UInt64
    /// Where code, stack and arguments are; zeros where the kernel doesn't tell.
    let places: [UInt64]
    /// How it ended, when it has.
    let status: WaitStatus

    private static let longest = 2048

    init?(of process: Int32) {
        guard let text = Caller.read("/proc/\(process)/stat", limit: Self.longest) else { return nil }
        self.init(text)
    }

    /// Fields are counted from behind the name, in which anything can stand.
    init?(_ text: [UInt8]) {
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[(end + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        func number(_ field: Int) -> UInt64? { UInt64(String(decoding: fields[field - 3], as: UTF8.self)) }
        guard fields.count >= 50, let state = fields[0].first, let start = number(22) else { return nil }
        isEnded = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        self.start = start
        places = [26, 28, 48].map { number($0) ?? 0 }
        status = WaitStatus(raw: Int32(truncatingIfNeeded: number(52) ?? 0))
    }
}
