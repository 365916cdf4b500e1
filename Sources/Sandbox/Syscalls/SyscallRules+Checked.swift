extension SyscallRules {
    /// Calls that every program needs and that are dangerous with some arguments.
    static func checked(debug: Bool) -> [SyscallRule] {
        [namespaces(flags: cloneNamespaceFlags, "clone"), unshare, terminals]
            + modes + [personality(debug: debug), processControl(debug: debug)]
    }

    /// Every namespace flag of clone(2). CLONE_NEWTIME isn't one: its bit is part of the exit signal there.
    private static let cloneNamespaceFlags: UInt32 = 0x7E02_0000

    /// User namespaces hand out capabilities, and most kernel privilege escalations of the last years
    /// started there (CVE-2022-0185, CVE-2023-32233, CVE-2024-1086).
    private static func namespaces(flags: UInt32, _ name: String) -> SyscallRule {
        SyscallRule(
            .whenClear(0, of: flags, then: .allow, otherwise: .refuse(.permission)),
            lifting: .never("new namespaces give capabilities over more of the kernel"), name)
    }

    /// CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD and CLONE_SYSVSEM.
    private static let sharedByThreads: UInt32 = 0x5_0F00

    /// unshare(2) as an allowlist: what only concerns threads of one process. Later kernels may give the
    /// other bits a meaning.
    private static let unshare = namespaces(flags: ~sharedByThreads, "unshare")

    /// ioctl commands of terminals that reach beyond the program.
    private static let terminals = SyscallRule(
        .when(
            1,
            among: [
                0x5412,  // TIOCSTI types into the terminal as if the user had (CVE-2017-5226)
                0x541C,  // TIOCLINUX pastes on a virtual console (CVE-2023-28100)
                0x541D,  // TIOCCONS redirects the console's output
                0x5423,  // TIOCSETD loads line disciplines, often with holes (CVE-2017-2636, CVE-2020-14416)
            ], then: .refuse(.permission), otherwise: .allow),
        lifting: .never("TIOCSTI, TIOCLINUX, TIOCCONS and TIOCSETD reach the user's terminal"), "ioctl")

    /// A setuid or setgid file made in a writable grant would run with the user's identity for anybody else
    /// on the host. `openat2` has its mode in memory and is absent for that reason.
    private static let modes: [SyscallRule] = {
        let never = SyscallRule.Lifting.never("setuid and setgid files would work outside the sandbox")
        func plain(_ mode: Int) -> ArgumentDecision {
            .whenClear(mode, of: 0o6000, then: .allow, otherwise: .refuse(.permission))
        }
        // The mode means something only if a file may be made; otherwise the register holds anything.
        func opened(flags: Int, mode: Int) -> ArgumentDecision {
            .whenClear(flags, of: 0o100 | 0o20_000_000, then: .allow, otherwise: plain(mode))
        }
        // A device node is a way around every path rule. S_IFCHR also covers overlayfs whiteouts.
        func node(_ mode: Int) -> ArgumentDecision {
            .when(
                mode, mask: 0o170000, among: [0o020000, 0o060000], then: .refuse(.permission),
                otherwise: plain(mode))
        }
        return [
            SyscallRule(plain(1), lifting: never, "chmod creat fchmod"),
            SyscallRule(plain(2), lifting: never, "fchmodat fchmodat2"),
            SyscallRule(opened(flags: 1, mode: 2), lifting: never, "open"),
            SyscallRule(opened(flags: 2, mode: 3), lifting: never, "openat"),
            SyscallRule(node(1), lifting: never, "mknod"),
            SyscallRule(node(2), lifting: never, "mknodat"),
        ]
    }()

    /// The personalities that change only what uname(2) says, and the query (0xffffffff). Others make data
    /// executable or map page zero (CVE-2009-1895). Debuggers also switch off address randomisation.
    private static func personality(debug: Bool) -> SyscallRule {
        let noRandomisation: UInt32 = 0x4_0000
        let harmless: [UInt32] = [0, 0x8, 0x2_0000, 0x2_0008]
        let values = harmless + (debug ? harmless.map { $0 | noRandomisation } : []) + [.max]
        return SyscallRule(
            .when(0, among: values, then: .allow, otherwise: .refuse(.permission)), "personality")
    }

    /// PR_SET_MM rewrites what /proc says of a process; PR_SET_PTRACER opens it to tracers that Yama would
    /// refuse (prctl(2)).
    static func processControl(debug: Bool) -> SyscallRule {
        let setMemoryMap: UInt32 = 35
        let setTracer: UInt32 = 0x5961_6d61
        return SyscallRule(
            .when(
                0, among: debug ? [setMemoryMap] : [setMemoryMap, setTracer],
                then: .refuse(.permission), otherwise: .allow), "prctl")
    }
}
