internal import CLibseccomp
internal import Linux

/// The system calls of the door, which are few; every other one kills it (seccomp(2)).
enum DoorFilter {
    /// A condition on an argument: its bits under the mask have a value. Arguments are 32 bits wide here; what stands
    /// above them the kernel doesn't look at, and neither may the filter.
    private struct Condition {
        let argument: UInt32
        let mask: UInt64
        let value: UInt64

        init(_ argument: UInt32, _ value: UInt64, mask: UInt64 = 0xffff_ffff) {
            self.argument = argument
            self.mask = mask
            self.value = value
        }
    }

    /// Calls on descriptors that are there already, and time.
    private static let plain = [
        "accept4", "connect", "getsockname", "getpeername", "shutdown", "close", "splice", "recvfrom",
        "sendto",
        "recvmsg", "sendmsg", "epoll_wait", "epoll_pwait", "epoll_ctl", "clock_gettime", "getrandom", "futex",
        "brk", "munmap", "mremap", "madvise", "exit_group", "exit", "rt_sigreturn", "restart_syscall",
    ]

    /// Calls that are allowed in one shape, each of several.
    private static let shaped: [(String, [Condition])] = {
        let internet: [UInt64] = [2, 10]
        // SOCK_STREAM and SOCK_DGRAM, with SOCK_NONBLOCK and SOCK_CLOEXEC or without; the protocol is the kind's own.
        let kinds: [UInt64] = [1, 2]
        let kindFlags: UInt64 = 0o2004000
        var shapes = internet.flatMap { family in
            kinds.map { kind in
                (
                    "socket",
                    [
                        Condition(0, family), Condition(1, kind, mask: 0xffff_ffff & ~kindFlags),
                        Condition(2, 0),
                    ]
                )
            }
        }
        // SO_KEEPALIVE, SO_LINGER, TCP_NODELAY; SO_ERROR.
        for (level, option) in [(1, 9), (1, 13), (6, 1)] as [(UInt64, UInt64)] {
            shapes.append(("setsockopt", [Condition(1, level), Condition(2, option)]))
        }
        shapes.append(("getsockopt", [Condition(1, 1), Condition(2, 4)]))
        // O_CLOEXEC; F_SETPIPE_SZ.
        shapes.append(("pipe2", [Condition(1, 0o2000000)]))
        shapes.append(("fcntl", [Condition(1, 1031)]))
        // Memory of no file that isn't executable (MAP_ANONYMOUS, PROT_EXEC).
        shapes.append(("mmap", [Condition(2, 0, mask: 4), Condition(3, 0x20, mask: 0x20)]))
        // What the runtime says when it gives up.
        shapes.append(("write", [Condition(0, 2)]))
        return shapes
    }()

    /// Loads it for good.
    static func load() throws(DoorError) {
        let killProcess: UInt32 = 0x8000_0000
        guard let context = unsafe seccomp_init(killProcess) else { throw .call("seccomp_init", .noMemory) }
        defer { unsafe seccomp_release(context) }
        try check(unsafe seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, killProcess), "seccomp_attr_set")
        for name in plain { try unsafe allow(name, [], in: context) }
        for (name, conditions) in shaped { try unsafe allow(name, conditions, in: context) }
        try check(unsafe seccomp_load(context), "seccomp_load")
    }

    private static func allow(
        _ name: String, _ conditions: [Condition], in context: scmp_filter_ctx
    ) throws(DoorError) {
        let allow: UInt32 = 0x7fff_0000
        // Some processors have only the later of two calls.
        let number = unsafe seccomp_syscall_resolve_name(name)
        guard number >= 0 else { return }
        let comparisons = conditions.map {
            scmp_arg_cmp(arg: $0.argument, op: SCMP_CMP_MASKED_EQ, datum_a: $0.mask, datum_b: $0.value)
        }
        try check(
            unsafe seccomp_rule_add_array(context, allow, number, UInt32(comparisons.count), comparisons),
            "seccomp_rule_add")
    }

    private static func check(_ result: Int32, _ call: String) throws(DoorError) {
        guard result == 0 else { throw .call(call, Errno(-result)) }
    }
}
