internal import CLinux

/// Signals, their numbers and masks (signal(7)); the numbers are those of x86-64 and arm64.
public enum Signals {
    /// A hang-up of the terminal.
    public static let hangUp: Int32 = 1
    /// Ctrl-C.
    public static let interrupt: Int32 = 2
    /// Ctrl-\.
    public static let quit: Int32 = 3
    /// Ends a process, whatever it wants.
    public static let kill: Int32 = 9
    /// For programs to use as they like.
    public static let user1: Int32 = 10
    /// For programs to use as they like.
    public static let user2: Int32 = 12
    /// A write to a pipe without a reader.
    public static let pipe: Int32 = 13
    /// A polite request to end.
    public static let terminate: Int32 = 15
    /// A child changed.
    public static let child: Int32 = 17
    /// Go on after a stop.
    public static let `continue`: Int32 = 18
    /// Stops a process, whatever it wants.
    public static let stop: Int32 = 19
    /// Ctrl-Z.
    public static let terminalStop: Int32 = 20
    /// A read from the terminal by a process that isn't in the foreground.
    public static let terminalInput: Int32 = 21
    /// A change of the terminal's settings, or a write, by such a process.
    public static let terminalOutput: Int32 = 22
    /// A write beyond the largest file that the process may have (setrlimit(2)).
    public static let fileSize: Int32 = 25
    /// The window changed its size.
    public static let window: Int32 = 28

    /// A set of signals as the kernel has it.
    public struct Mask: Sendable {
        var bits: UInt64 = 0

        /// Holds these signals.
        public init(_ signals: [Int32] = []) {
            for signal in signals { bits |= 1 << UInt64(signal - 1) }
        }
    }

    /// Replaces the signals that are held back.
    ///
    /// - Returns: those before.
    @discardableResult
    public static func block(_ mask: Mask) throws(Errno) -> Mask {
        var old = Mask()
        var new = mask.bits
        _ = try check(unsafe mews_sigprocmask(&new, &old.bits))
        return old
    }

    /// A descriptor, not waiting and closed by execve(2), from which blocked signals are read (signalfd(2)).
    public static func descriptor(for mask: Mask) throws(Errno) -> FileDescriptor {
        var bits = mask.bits
        return FileDescriptor(owning: try check(unsafe mews_signalfd(&bits)))
    }

    /// The signals that wait at such a descriptor.
    public static func read(_ descriptor: Int32) -> [Int32] {
        let size = 128
        var buffer = [UInt8](repeating: 0, count: size * 8)
        let length = unsafe mews_read(descriptor, &buffer, UInt(buffer.count))
        guard length > 0 else { return [] }
        return stride(from: 0, to: length, by: size).map { Int32(buffer[$0]) }
    }

    /// Lets a signal pass without effect, or have its default one again (signal(2)).
    ///
    /// - Returns: whether it passed without effect before.
    @discardableResult
    public static func setIgnored(_ signal: Int32, _ ignored: Bool) throws(Errno) -> Bool {
        try check(mews_set_ignored(signal, ignored ? 1 : 0)) != 0
    }

    /// Stops this process until somebody sends it SIGCONT.
    ///
    /// - Parameter deadline: at this time of the monotonic clock, in nanoseconds, it goes on by itself; nil is never.
    public static func stop(until deadline: Int64?) {
        let timer = deadline == nil ? -1 : mews_timer(`continue`)
        if let deadline, timer >= 0 {
            // Again and again, because the first could come just before the stop.
            _ = mews_timer_set(timer, max(1, deadline), 100_000_000)
        }
        raise(stop)
        if timer >= 0 { mews_timer_delete(timer) }
    }

    /// Sends a signal to this process.
    public static func raise(_ signal: Int32) {
        mews_raise(signal)
    }

    /// Dies of a signal, so that the parent sees what ended the command; returns only if that signal
    /// doesn't end a process.
    public static func die(of signal: Int32) {
        mews_die_of(signal)
    }
}
