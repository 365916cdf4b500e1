@testable import Sandbox
import Testing

private let permission = FilterInterpreter.Answer.errno(1)
private let absent = FilterInterpreter.Answer.errno(38)

/// The built-in filter, as it is loaded.
private func standard() throws -> FilterInterpreter {
    FilterInterpreter(try SyscallFilter.make(allow: [], deny: [], debug: false))
}

private func debugging() throws -> FilterInterpreter {
    FilterInterpreter(try SyscallFilter.make(allow: [], deny: [], debug: true))
}

/// Bits above those that the kernel looks at.
private let high: UInt64 = 1 << 32

@Suite("Calls of another table don't slip past the native one")
struct SyscallsForeignTableTests {
    @Test("a call of any other architecture kills", arguments: [0x4000_0003, 0x4000_0028, 0xC000_00B7, 0])
    func foreignKills(token: UInt32) throws {
        let filter = try standard()
        guard token != filter.architecture.auditToken else { return }
        for number in UInt32(0)...460 {
            #expect(try filter.run(token: token, number: number, arguments: []) == .killed)
        }
    }

    @Test("x32's numbers answer ENOSYS, also for calls that are allowed natively")
    func x32IsAbsent() throws {
        let filter = try standard()
        for number in (UInt32(0)...600).map({ $0 | 0x4000_0000 }) + [.max, 0x8000_0000, 0x7fff_ffff] {
            let answer = try filter.run(
                token: filter.architecture.auditToken, number: number, arguments: [])
            #expect(answer == absent, "\(number)")
        }
    }

    @Test("a call that is newer than the table answers ENOSYS", arguments: [471, 472, 500, 1000, 9999])
    func newerIsAbsent(number: UInt32) throws {
        let filter = try standard()
        #expect(
            try filter.run(token: filter.architecture.auditToken, number: number, arguments: []) == absent)
    }
}

@Suite("Sockets are of the families that programs need")
struct SyscallsSocketTests {
    @Test(
        "local, internet and route sockets are made",
        arguments: [
            [1, 1, 0], [1, 2, 0], [1, 5, 0], [1, 1 | 0x80800, 0], [2, 1, 0], [2, 1, 6], [2, 2, 17],
            [2, 2, 1],
            [10, 1, 0], [10, 2, 58], [10, 1, 262], [2, 1 | 0x80000, 0], [16, 3, 0], [16, 2, 0],
        ] as [[UInt64]])
    func allows(arguments: [UInt64]) throws {
        #expect(try standard()("socket", arguments[0], arguments[1], arguments[2]) == .allowed)
    }

    @Test("every other family is one that the kernel doesn't have")
    func refusesFamilies() throws {
        let filter = try standard()
        for family in UInt64(0)...64 where ![1, 2, 10, 16].contains(family) {
            #expect(try filter("socket", family, 1, 0) == .errno(97), "\(family)")
            #expect(try filter("socket", family | high, 1, 0) == .errno(97), "\(family)")
        }
    }

    @Test("high bits in the register neither open a family nor close one")
    func masksFamilies() throws {
        let filter = try standard()
        #expect(try filter("socket", 38 | high << 5, 5, 0) == .errno(97))
        #expect(try filter("socket", 0xffff_ffff_0000_0002, 1, 0) == .allowed)
        #expect(try filter("socket", 16 | high, 3, 9 | high) == .errno(93))
    }

    @Test("netlink is the route protocol alone: no netfilter, xfrm, audit, uevent, generic")
    func refusesNetlink() throws {
        let filter = try standard()
        for netlinkProtocol in UInt64(1)...31 {
            #expect(try filter("socket", 16, 3, netlinkProtocol) == .errno(93), "\(netlinkProtocol)")
        }
    }

    @Test("SCTP, DCCP, UDP-Lite, L2TP and SMC aren't loaded by asking", arguments: [132, 33, 136, 115, 256])
    func refusesProtocols(number: UInt64) throws {
        let filter = try standard()
        #expect(try filter("socket", 2, 1, number) == .errno(93))
        #expect(try filter("socket", 10, 2, number) == .errno(93))
        #expect(try filter("socket", 2, 5, 0) == .errno(94))
        #expect(try filter("socket", 2, 6, 0) == .errno(94))
    }

    @Test("pairs are local")
    func pairs() throws {
        let filter = try standard()
        #expect(try filter("socketpair", 1, 2, 0) == .allowed)
        #expect(try filter("socketpair", 30, 1, 0) == .errno(97))
        #expect(try filter("socketpair", 2, 1, 0) == .errno(97))
    }

    @Test("without a network namespace internet sockets can be refused, and only those")
    func withoutInternet() throws {
        let filter = FilterInterpreter(
            try SyscallFilter.make(allow: [], deny: [], debug: false, internetSockets: false))
        #expect(try filter("socket", 2, 1, 0) == .errno(13))
        #expect(try filter("socket", 10 | high, 2, 0) == .errno(13))
        #expect(try filter("socket", 1, 1, 0) == .allowed)
        #expect(try filter("socket", 16, 3, 0) == .allowed)
        #expect(try filter("socket", 38, 5, 0) == .errno(97))
    }
}

@Suite("No new namespaces")
struct SyscallsNamespaceTests {
    @Test(
        "each namespace flag is refused, whatever else is set",
        arguments: [
            0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
        ]
            as [UInt64])
    func refuses(flag: UInt64) throws {
        let filter = try standard()
        for other in [0, 17, 0x100, 0x3D_0F00, high] {
            #expect(try filter("clone", flag | other) == permission)
            #expect(try filter("unshare", flag | other) == permission)
        }
    }

    @Test("the time namespace and flags without a meaning yet can't be unshared")
    func refusesOthers() throws {
        let filter = try standard()
        #expect(try filter("unshare", 0x80) == permission)
        #expect(try filter("unshare", 0x0010_0000) == permission)
    }

    @Test("fork, threads, vfork and posix_spawn work")
    func allowsProcesses() throws {
        let filter = try standard()
        #expect(try filter("clone", 17) == .allowed)
        #expect(try filter("clone", 0x0120_0011) == .allowed)
        #expect(try filter("clone", 0x003D_0F00) == .allowed)
        #expect(try filter("clone", 0x4111) == .allowed)
        #expect(try filter("unshare", 0x200 | 0x400 | 0x4_0000) == .allowed)
    }

    @Test("clone3 is absent, so that the C library takes clone")
    func cloneThree() throws {
        #expect(try standard()("clone3", 0, 0) == absent)
        #expect(try standard()("setns", 3, 0) == permission)
    }
}

@Suite("The terminal of the user can't be typed into")
struct SyscallsTerminalTests {
    @Test(
        "TIOCSTI, TIOCLINUX, TIOCCONS and TIOCSETD fail, with high bits too (CVE-2019-10063)",
        arguments: [0x5412, 0x541C, 0x541D, 0x5423] as [UInt64])
    func refuses(command: UInt64) throws {
        let filter = try standard()
        #expect(try filter("ioctl", 0, command) == permission)
        for bit in 32..<64 { #expect(try filter("ioctl", 0, command | 1 << UInt64(bit)) == permission) }
    }

    @Test(
        "what shells and editors ask of a terminal works",
        arguments: [0x5401, 0x5402, 0x540E, 0x540F, 0x5410, 0x5413, 0x5414, 0x541B, 0x5421, 0x5451]
            as [UInt64])
    func allows(command: UInt64) throws {
        #expect(try standard()("ioctl", 0, command) == .allowed)
    }
}

@Suite("No setuid file and no device node is made")
struct SyscallsModeTests {
    @Test(
        "every call that takes a mode refuses setuid and setgid",
        arguments: [
            ("chmod", 1), ("fchmod", 1), ("creat", 1), ("mknod", 1), ("fchmodat", 2), ("fchmodat2", 2),
            ("mknodat", 2),
        ])
    func refuses(name: String, position: Int) throws {
        let filter = try standard()
        func answer(_ mode: UInt64) throws -> FilterInterpreter.Answer {
            position == 1 ? try filter(name, 0, mode) : try filter(name, 0, 0, mode)
        }
        guard filter.architecture.calls.contains(where: { $0.name == name }) else { return }
        for mode in [0o4755, 0o2755, 0o6000, 0o4000 | high, 0o2000 | 0o100000] as [UInt64] {
            #expect(try answer(mode) == permission, "\(mode)")
        }
        for mode in [0o755, 0o1777, 0, 0o100644] as [UInt64] { #expect(try answer(mode) == .allowed) }
    }

    @Test("an open that may create refuses them, one that can't doesn't look at the register")
    func opens() throws {
        let filter = try standard()
        let create: UInt64 = 0o100
        let temporary: UInt64 = 0o20_200_000
        for flags in [create | 1, create | 0o1000, temporary | 2, create | high] {
            #expect(try filter("openat", 3, 0, flags, 0o4755) == permission)
            #expect(try filter("openat", 3, 0, flags, 0o2755 | high) == permission)
            #expect(try filter("openat", 3, 0, flags, 0o644) == .allowed)
        }
        // The mode's register holds anything then; refusing it would fail opens at random.
        #expect(try filter("openat", 3, 0, 0, 0xffff_ffff) == .allowed)
        #expect(try filter("openat", 3, 0, 0o200_000, 0o6000) == .allowed)
        #expect(try filter("openat2", 3, 0, 0, 24) == absent)
    }

    @Test("device nodes are refused, pipes, sockets and plain files are made")
    func nodes() throws {
        let filter = try standard()
        for type in [0o020000, 0o060000, 0o020000 | high] as [UInt64] {
            #expect(try filter("mknodat", 3, 0, type | 0o666, 0) == permission)
        }
        for type in [0, 0o010000, 0o100000, 0o140000] as [UInt64] {
            #expect(try filter("mknodat", 3, 0, type | 0o666, 0) == .allowed)
        }
    }
}

@Suite("Processes don't steer each other, except to debug")
struct SyscallsDebugTests {
    @Test(
        "tracing needs debug",
        arguments: ["ptrace", "process_vm_readv", "process_vm_writev"])
    func tracing(name: String) throws {
        #expect(try standard()(name) == permission)
        #expect(try debugging()(name) == .allowed)
    }

    @Test("switching address randomisation off needs debug; executable data isn't to be had")
    func personalities() throws {
        for value in [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff] as [UInt64] {
            #expect(try standard()("personality", value) == .allowed)
        }
        #expect(try standard()("personality", 0x4_0000) == permission)
        #expect(try debugging()("personality", 0x4_0000) == .allowed)
        for filter in [try standard(), try debugging()] {
            #expect(try filter("personality", 0x40_0000) == permission)
            #expect(try filter("personality", 0x44_0000 | high) == permission)
            #expect(try filter("personality", 0x10_0000) == permission)
        }
    }

    @Test("a process can't rewrite its own description, nor invite tracers without debug")
    func processControl() throws {
        #expect(try standard()("prctl", 35 | high, 1) == permission)
        #expect(try debugging()("prctl", 35, 1) == permission)
        #expect(try standard()("prctl", 0x5961_6d61, .max) == permission)
        #expect(try debugging()("prctl", 0x5961_6d61, .max) == .allowed)
        for option in [1, 4, 15, 22, 38, 59] as [UInt64] {
            #expect(try standard()("prctl", option) == .allowed)
        }
    }

    @Test(
        "debug changes nothing else", arguments: ["kcmp", "pidfd_getfd", "bpf", "mount", "perf_event_open"])
    func unchanged(name: String) throws {
        #expect(try debugging()(name) == permission)
    }
}

@Suite("The kernel's dangerous parts are out of reach")
struct SyscallsKernelTests {
    @Test(
        "refused with EPERM",
        arguments: [
            "mount", "umount2", "pivot_root", "chroot", "setns", "bpf", "perf_event_open", "userfaultfd",
            "keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "init_module",
            "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd",
            "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname",
            "syslog", "fanotify_init", "fanotify_mark", "name_to_handle_at", "open_by_handle_at",
            "pidfd_getfd", "kcmp", "move_pages", "migrate_pages", "vhangup", "lookup_dcookie",
        ])
    func permissionDenied(name: String) throws {
        #expect(try standard()(name) == permission)
    }

    @Test(
        "absent, so that callers fall back",
        arguments: [
            "clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "openat2", "open_tree",
            "open_tree_attr", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
            "statmount", "listmount", "listns", "memfd_secret", "lsm_set_self_attr", "setxattrat",
            "file_setattr",
        ])
    func notImplemented(name: String) throws {
        #expect(try standard()(name) == absent)
    }

    @Test(
        "a program may confine itself further",
        arguments: ["seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"])
    func narrowing(name: String) throws {
        #expect(try standard()(name) == .allowed)
    }

    @Test(
        "what runtimes build on is there",
        arguments: [
            "rseq", "membarrier", "futex", "futex_waitv", "tgkill", "rt_sigaction", "sched_getaffinity",
            "epoll_pwait2", "eventfd2", "timerfd_create", "memfd_create", "getrandom", "statx",
            "copy_file_range", "close_range", "pidfd_open", "pidfd_send_signal", "execveat", "waitid",
            "prlimit64", "mremap", "pkey_alloc", "shmget", "semtimedop", "inotify_add_watch", "faccessat2",
            "get_mempolicy", "sigaltstack", "getcpu", "clock_nanosleep", "renameat2", "sendfile", "splice",
            "io_setup", "mkdirat", "fchown", "setsid", "sendmmsg", "preadv2", "fallocate", "mseal",
        ])
    func allowed(name: String) throws {
        #expect(try standard()(name) == .allowed)
    }
}
