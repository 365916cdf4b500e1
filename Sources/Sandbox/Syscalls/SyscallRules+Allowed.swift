extension SyscallRules {
    /// What ordinary programs live on, whatever the arguments.
    static let allowed = files + waiting + memory + processes + signals + time + communication + narrowing

    private static let files = [
        // Paths are held by the mounts and by Landlock, not here.
        SyscallRule(
            .allow,
            """
            access chdir close close_range copy_file_range dup dup2 dup3 faccessat faccessat2 fadvise64
            fallocate fchdir fcntl fdatasync flock fstat fstatfs fsync ftruncate getcwd getdents getdents64
            link linkat lseek lstat newfstatat pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2
            read readahead readlink readlinkat readv rename renameat renameat2 rmdir sendfile splice stat
            statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat
            vmsplice write writev cachestat
            """),
        // The kernel drops setuid and setgid bits from mkdir's mode itself (vfs_mkdir keeps 01777 only; a new
        // directory has setgid from its parent alone), so there is nothing to check.
        SyscallRule(.allow, "mkdir mkdirat"),
        // To a foreign owner only with CAP_CHOWN, which nobody inside has.
        SyscallRule(.allow, "chown fchown fchownat lchown futimesat utime utimensat utimes"),
        // The newer setxattrat and removexattrat are absent, so that programs fall back to these.
        SyscallRule(
            .allow,
            """
            fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat
            llistxattr lremovexattr lsetxattr removexattr setxattr
            """),
        SyscallRule(.allow, "inotify_add_watch inotify_init inotify_init1 inotify_rm_watch"),
    ]

    private static let waiting = [
        SyscallRule(
            .allow,
            """
            epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 poll
            ppoll pselect6 select signalfd signalfd4 timerfd_create timerfd_gettime timerfd_settime
            """),
        // The older asynchronous I/O of databases. Unlike io_uring it can't open, connect or run anything.
        SyscallRule(.allow, "io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit"),
    ]

    private static let memory = [
        SyscallRule(
            .allow,
            """
            brk madvise map_shadow_stack memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap
            mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_madvise
            process_mrelease remap_file_pages
            """),
        // Placement of one's own pages: the JVM and databases ask for it.
        SyscallRule(.allow, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    ]

    private static let processes = [
        SyscallRule(
            .allow,
            """
            arch_prctl capget execve execveat exit exit_group fork getcpu getegid geteuid getgid getgroups
            getpgid getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid
            getuid get_robust_list ioprio_get ioprio_set membarrier pidfd_open prlimit64 rseq
            set_robust_list set_tid_address setpgid setpriority setrlimit setsid sysinfo times uname vfork
            wait4 waitid
            """),
        // No identity can be gained: there are no capabilities and NO_NEW_PRIVS is set.
        SyscallRule(
            .allow,
            """
            capset setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid
            """),
        SyscallRule(
            .allow,
            """
            sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
            sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
            sched_setscheduler sched_yield
            """),
        SyscallRule(
            .allow,
            """
            futex futex_requeue futex_wait futex_waitv futex_wake getrandom restart_syscall
            """),
        // Made by the kernel's own trampolines under a probe that an administrator set; refusing them would
        // kill the probed program, and elsewhere they only raise SIGILL.
        SyscallRule(.allow, "uprobe uretprobe"),
    ]

    private static let signals = [
        // Whom a signal reaches is for the PID namespace and Landlock's scope to say.
        SyscallRule(
            .allow,
            """
            kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
            rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack tgkill tkill
            """)
    ]

    private static let time = [
        SyscallRule(
            .allow,
            """
            alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time
            timer_create timer_delete timer_getoverrun timer_gettime timer_settime
            """)
    ]

    private static let communication = [
        SyscallRule(
            .allow,
            """
            accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg
            sendmmsg sendmsg sendto setsockopt shutdown
            """),
        // The IPC namespace's own objects: PostgreSQL needs one shmget segment.
        SyscallRule(
            .allow,
            """
            mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv
            msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget
            """),
    ]

    private static let narrowing = [
        // A program may confine itself further: of several filters the strictest answer counts, and Landlock
        // layers only take away.
        SyscallRule(.allow, "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp")
    ]
}
