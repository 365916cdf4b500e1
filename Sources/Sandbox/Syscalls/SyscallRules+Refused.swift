extension SyscallRules {
    /// Reading and steering another process: refused unless the profile debugs. All processes of a sandbox
    /// have one user, so tracing would let a tool the agent runs take over any other one beside it.
    static func tracing(debug: Bool) -> [SyscallRule] {
        [
            SyscallRule(
                debug ? .allow : .refuse(.permission),
                lifting: .never("write `debug: true` in `process` instead"),
                "process_vm_readv process_vm_writev ptrace")
        ]
    }

    /// Refused with EPERM, and no profile changes it.
    static let privileged = [
        // What a process sees is what Mews mounted (CVE-2021-41133).
        SyscallRule(
            .refuse(.permission), lifting: .never("the sandbox's view is made of mounts"),
            "chroot mount pivot_root umount2"),
        SyscallRule(
            .refuse(.permission), lifting: .never("it would leave the sandbox's namespaces"), "setns"),
        // A handle names a file past every mount, as the container escape "shocker" showed in 2014.
        SyscallRule(
            .refuse(.permission), lifting: .never("it opens files without a path"), "open_by_handle_at"),
        // Takes descriptors out of another process, which the rules on tracing should hold.
        SyscallRule(
            .refuse(.permission), lifting: .never("it takes descriptors from other processes"),
            "pidfd_getfd"),
        // Keyrings belong to the user, not to a namespace: the sandbox would share those of the session
        // (CVE-2016-0728, and the Kerberos or disk keys that are in them).
        SyscallRule(
            .refuse(.permission), lifting: .never("kernel keyrings are shared with the host"),
            "add_key keyctl request_key"),
        // Code in the kernel (CVE-2021-3490, CVE-2022-23222).
        SyscallRule(.refuse(.permission), lifting: .never("it runs code in the kernel"), "bpf"),
        // Of the whole machine. The kernel asks for a capability too; this is the second lock.
        SyscallRule(
            .refuse(.permission), lifting: .never("it changes the whole machine"),
            """
            acct delete_module finit_module init_module ioperm iopl kexec_file_load kexec_load quotactl
            quotactl_fd reboot sethostname setdomainname swapoff swapon
            """),
    ]

    /// Refused with EPERM; a profile may allow it, since the kernel's own checks remain.
    static let refused = [
        // The exploit writer's tools: they make races winnable (CVE-2021-22555, CVE-2022-2590).
        SyscallRule(.refuse(.permission), "userfaultfd"),
        // A long list of holes (CVE-2013-2094, CVE-2023-5717); `perf` needs it.
        SyscallRule(.refuse(.permission), "perf_event_open"),
        // 16-bit and 32-bit segments (CVE-2015-5157); Wine and dosemu need it.
        SyscallRule(.refuse(.permission), "modify_ldt"),
        // Tells kernel pointers' order; rr and CRIU need it.
        SyscallRule(.refuse(.permission), "kcmp"),
        // Pages of other processes.
        SyscallRule(.refuse(.permission), "migrate_pages move_pages"),
        SyscallRule(.refuse(.permission), "fanotify_init fanotify_mark name_to_handle_at"),
        SyscallRule(.refuse(.permission), "adjtimex clock_adjtime clock_settime settimeofday syslog"),
        SyscallRule(.refuse(.permission), "lookup_dcookie sysfs uselib ustat vhangup"),
    ]

    /// As on a kernel without the call, so that programs take their fallback.
    static let absent = [
        // Its flags are in memory. The C library falls back to clone(2), whose flags can be checked.
        SyscallRule(
            .refuse(.notImplemented), lifting: .never("its namespace flags can't be checked"), "clone3"),
        // Its mode is in memory: with it a setuid file can be made.
        SyscallRule(
            .refuse(.notImplemented), lifting: .never("its file mode can't be checked"), "openat2"),
        // A second way to open, connect and make sockets that no filter sees, and most of the kernel
        // exploits paid for by Google's programme in 2022.
        SyscallRule(
            .refuse(.notImplemented), lifting: .never("its operations can't be checked"),
            "io_uring_enter io_uring_register io_uring_setup"),
        // The mount interface by descriptors: beside mount(2) it was forgotten once (CVE-2021-41133).
        SyscallRule(
            .refuse(.notImplemented), lifting: .never("the sandbox's view is made of mounts"),
            """
            fsconfig fsmount fsopen fspick mount_setattr move_mount open_tree open_tree_attr
            """),
        // What is mounted, and which namespaces exist, on the host included.
        SyscallRule(.refuse(.notImplemented), "listmount listns statmount"),
        // Memory that not even the kernel reads, so that nobody can look at what is hidden there.
        SyscallRule(.refuse(.notImplemented), "memfd_secret"),
        SyscallRule(.refuse(.notImplemented), "lsm_get_self_attr lsm_list_modules lsm_set_self_attr"),
        // New ways to change files that have an older, checked twin.
        SyscallRule(.refuse(.notImplemented), "file_getattr file_setattr removexattrat setxattrat"),
        // Numbers without a call behind them any more, on 64 bits.
        SyscallRule(
            .refuse(.notImplemented),
            """
            _sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms get_thread_area
            getpmsg nfsservctl putpmsg query_module security set_thread_area tuxcall vserver
            """),
    ]
}
