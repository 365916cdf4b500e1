internal import Sandbox

/// What is known of system calls, by their numbers. Looked up once for each number: a session meets few of them, and the
/// first one waits for it.
struct CallTable: Sendable {
    private var known: [UInt32: KnownCall] = [:]

    /// The call of a number, whether the kernel has it or not.
    mutating func call(_ number: UInt32) -> KnownCall {
        if let call = known[number] { return call }
        // Not remembered: whoever tries numbers could make it grow without end.
        guard let name = SyscallNames.name(of: number) else { return KnownCall(name: "") }
        let call = KnownCall(name: name)
        known[number] = call
        return call
    }
}
