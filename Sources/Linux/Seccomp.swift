internal import CLinux

/// System call filters (seccomp(2)).
public enum Seccomp {
    /// Loads a filter for this process and all that come from it.
    ///
    /// The instructions are packed `struct sock_filter`, at most 4,096.
    public static func load(_ instructions: [UInt64]) throws(Errno) {
        _ = try load(instructions, flags: 0)
    }

    // SECCOMP_FILTER_FLAG_NEW_LISTENER and SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.
    private static let newListener: UInt32 = 1 << 3
    private static let waitKillable: UInt32 = 1 << 5

    /// Loads a filter whose notifications arrive at the listener returned, closed by execve(2).
    ///
    /// Once a notification has been received, signals that don't kill wait until it is answered: an interrupted
    /// open() of a file would otherwise fail with EINTR, which no program expects. Before Linux 5.19 there is no
    /// such flag, and that happens.
    ///
    /// - Throws: `Errno.busy` when a filter of this process has a listener already, `Errno.invalidArgument`
    ///   when the kernel has none (before Linux 5.0; gVisor).
    public static func loadListening(_ instructions: [UInt64]) throws(Errno) -> FileDescriptor {
        do throws(Errno) {
            return FileDescriptor(owning: try load(instructions, flags: newListener | waitKillable))
        } catch .invalidArgument {
            return FileDescriptor(owning: try load(instructions, flags: newListener))
        }
    }

    private static func load(_ instructions: [UInt64], flags: UInt32) throws(Errno) -> Int32 {
        guard let count = UInt16(exactly: instructions.count) else { throw .invalidArgument }
        return try check(unsafe mews_seccomp_load(instructions, count, flags))
    }
}
