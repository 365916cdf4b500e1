internal import Linux

/// Why the command didn't start, as its process tells init.
struct PayloadFailure {
    /// The kernel's answer.
    let errno: Errno
    /// Whether execve(2) gave it, or one of the steps before.
    let isOfExecution: Bool

    /// The size of the message.
    static let size = 2

    init(errno: Errno, isOfExecution: Bool) {
        self.errno = errno
        self.isOfExecution = isOfExecution
    }

    /// Reads a message; nil when it is none.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes[0] <= 1 else { return nil }
        self.init(errno: Errno(Int32(bytes[1])), isOfExecution: bytes[0] == 1)
    }

    /// The message; no errno of Linux is larger than a byte.
    var bytes: [UInt8] {
        [isOfExecution ? 1 : 0, UInt8(truncatingIfNeeded: errno.code)]
    }
}
