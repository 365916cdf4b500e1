extension SyscallRules {
    /// The option of prctl(2) that no kernel knows, and the level `landlock` answers with an error of its own: by that
    /// a process finds out that it is under it (`Inside`). The letters of the name.
    static let mark: UInt32 = 0x4d65_7773

    private static let families: [UInt32] = [1, 2, 10, 16]  // AF_UNIX, AF_INET, AF_INET6, AF_NETLINK

    /// No network namespace holds sockets, and no view those of the file system: who can reach the socket of a
    /// container daemon, of the session bus or of an agent is no longer in a sandbox. Landlock doesn't tell them
    /// apart before version 9.
    static let withoutSockets = [
        SyscallRule(
            .when(0, among: families, then: .refuse(.access), otherwise: .refuse(.addressFamily)),
            lifting: .never("without namespaces a socket reaches the host"), "socket"),
        pairs,
    ]

    /// Those that are connected for good: a pair of datagram sockets can be turned to any other place.
    private static let pairs = SyscallRule(
        .when(
            0, among: [1],
            then: .when(1, mask: 0xF, among: [1, 5], then: .allow, otherwise: .refuse(.access)),
            otherwise: .refuse(.addressFamily)),
        lifting: .never("a datagram socket could be turned to a socket outside"), "socketpair")

    /// The same with a network to use, perhaps.
    static func withoutUnixSockets(internet: Bool) -> [SyscallRule] {
        sockets(internet: internet).filter { $0.names != ["socket"] && $0.names != ["socketpair"] }
            + sockets(internet: internet).filter { $0.names == ["socket"] }.map { rule in
                SyscallRule(
                    .when(0, among: [1], then: .refuse(.access), otherwise: rule.decision),
                    lifting: rule.lifting,
                    "socket")
            } + [pairs]
    }

    /// What the IPC and PID namespaces would hold.
    static func withoutNamespaces(debug: Bool) -> [SyscallRule] {
        [
            SyscallRule(
                .refuse(.permission), lifting: .never("without an IPC namespace it reaches the host's"),
                """
                mq_open mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmget
                """),
            // Those of another process of the same user, whom a limit of none kills.
            SyscallRule(
                .when(0, among: [0], then: .allow, otherwise: .refuse(.permission)),
                lifting: .never("it sets the limits of processes outside"), "prlimit64"),
            SyscallRule(
                .when(
                    0, among: [mark], then: .refuse(.mark), otherwise: processControl(debug: debug).decision),
                lifting: .never("Mews answers it"), "prctl"),
        ]
    }

    /// Before version 3 Landlock lets everything be truncated by its path.
    static let withoutTruncation = [
        SyscallRule(
            .refuse(.permission), lifting: .never("this kernel's Landlock doesn't hold it"), "truncate")
    ]
}
