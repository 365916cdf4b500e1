internal import CLinux

/// Processes by descriptors, which never come to mean another one as numbers do.
extension Processes {
    /// A descriptor of a process, readable when it has ended (pidfd_open(2)).
    public static func open(_ process: Int32) throws(Errno) -> FileDescriptor {
        FileDescriptor(owning: try check(mews_pidfd_open(process)))
    }

    /// How the process of a descriptor ended, kept by the kernel also when its parent has taken notice
    /// (PIDFD_GET_INFO, Linux 6.15); nil while it hasn't, and before that kernel.
    public static func ending(descriptor: Int32) -> WaitStatus? {
        var status: Int32 = 0
        return unsafe mews_pidfd_exit_status(descriptor, &status) == 1 ? WaitStatus(raw: status) : nil
    }

    /// Whether the process of a descriptor is there at all, if only because its parent hasn't taken notice of its
    /// end.
    public static func exists(descriptor: Int32) -> Bool {
        // EPERM, of a process of somebody else, says that there is one.
        mews_pidfd_send_signal(descriptor, 0) != -Errno.noProcess.code
    }
}
