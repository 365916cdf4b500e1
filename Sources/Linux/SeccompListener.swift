internal import CLinux

/// The end of a filter at which its notifications arrive (seccomp_unotify(2)).
public struct SeccompListener: ~Copyable {
    /// A call that waits for an answer.
    public struct Notification: Hashable, Sendable {
        /// By which it is answered.
        public let identifier: UInt64
        /// The thread that made it, by its number in the reader's PID namespace; 0 when it has none there.
        public let thread: Int32
        /// AUDIT_ARCH_* of the call.
        public let architecture: UInt32
        /// The number of the call.
        public let number: UInt32
        /// The six registers.
        public let arguments: [UInt64]

        /// Joins the parts.
        public init(
            identifier: UInt64, thread: Int32, architecture: UInt32, number: UInt32, arguments: [UInt64]
        ) {
            self.identifier = identifier
            self.thread = thread
            self.architecture = architecture
            self.number = number
            self.arguments = arguments
        }
    }

    /// The descriptor, readable while a notification waits, hung up when no process is under the filter any more.
    public let descriptor: FileDescriptor
    /// What the kernel writes and reads, which may be longer than what this program knows of it.
    private var received: [UInt64]
    private var answer: [UInt64]

    /// Takes over a listener.
    ///
    /// - Throws: what the kernel answers to the question for the sizes of its structures.
    public init(_ descriptor: consuming FileDescriptor) throws(Errno) {
        var sizes: [UInt16] = [0, 0, 0]
        do throws(Errno) {
            _ = try check(unsafe mews_seccomp_sizes(&sizes))
        } catch {
            self.descriptor = descriptor
            received = []
            answer = []
            throw error
        }
        self.descriptor = descriptor
        received = Self.words(max(sizes[0], 80))
        answer = Self.words(max(sizes[1], 24))
    }

    private static func words(_ bytes: UInt16) -> [UInt64] {
        [UInt64](repeating: 0, count: (Int(bytes) + 7) / 8)
    }

    /// Takes a notification. To be called only when the descriptor is readable: it would wait otherwise.
    ///
    /// - Returns: nil when its process was killed meanwhile.
    public mutating func receive() throws(Errno) -> Notification? {
        // The kernel refuses a structure that isn't all zero.
        for index in received.indices { received[index] = 0 }
        do throws(Errno) {
            _ = try check(unsafe mews_seccomp_receive(descriptor.number, &received))
        } catch .noEntry {
            return nil
        } catch .interrupted {
            return nil
        }
        return Notification(received)
    }

    /// Whether the process still waits: else what has been read of it may have been another one's, whose number
    /// it now is.
    public func isWaiting(_ identifier: UInt64) -> Bool {
        mews_seccomp_valid(descriptor.number, identifier) == 0
    }

    /// Lets the call fail. That its process is gone meanwhile is no error.
    public mutating func refuse(_ identifier: UInt64, _ errno: Errno) throws(Errno) {
        try send(identifier, errno: errno.code, flags: 0)
    }

    /// Lets the kernel carry the call out as if nobody had been asked (SECCOMP_USER_NOTIF_FLAG_CONTINUE).
    ///
    /// What the call's pointers lead to may have changed meanwhile, so this is no decision about it, and only
    /// for calls that the filter would have let pass anyway.
    public mutating func proceed(_ identifier: UInt64) throws(Errno) {
        try send(identifier, errno: 0, flags: 1)
    }

    private mutating func send(_ identifier: UInt64, errno: Int32, flags: UInt32) throws(Errno) {
        answer[0] = identifier
        answer[1] = 0
        answer[2] = UInt64(UInt32(bitPattern: -errno)) | UInt64(flags) << 32
        do throws(Errno) {
            _ = try check(unsafe mews_seccomp_send(descriptor.number, &answer))
        } catch .noEntry {
            return
        }
    }

    /// Has the kernel wake the reader on the caller's processor and the other way round
    /// (SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6): faster for one process that makes many calls, slower
    /// for several that would use all processors.
    ///
    /// - Throws: `Errno.invalidArgument` when the kernel doesn't know it.
    public func setSynchronousWakeUp(_ isOn: Bool) throws(Errno) {
        _ = try check(mews_seccomp_flags(descriptor.number, isOn ? 1 : 0))
    }
}

extension SeccompListener.Notification {
    /// Reads `struct seccomp_notif` as it lies in memory on a little-endian machine; nil when it is too short.
    public init?(_ words: [UInt64]) {
        guard words.count >= 10 else { return nil }
        self.init(
            identifier: words[0], thread: Int32(truncatingIfNeeded: words[1]),
            architecture: UInt32(truncatingIfNeeded: words[2] >> 32),
            number: UInt32(truncatingIfNeeded: words[2]), arguments: Array(words[4..<10]))
    }
}
