/// The calls of which the supervisor is told before they proceed: all that change what a path names, and those
/// that reach a socket by a path.
///
/// Beside the rules, not in them: what is told here is allowed there, and this changes nothing of it. Not
/// sendmsg and sendmmsg, whose address lies behind a pointer: every message of every connection would wait for
/// the supervisor.
enum SyscallObservation {
    /// What stands in the place of a rule's `allow` for this call; nil where nobody is told.
    static func of(_ name: String) -> ArgumentDecision? {
        switch name {
        case "open": opening(flags: 1)
        case "openat": opening(flags: 2)
        case "sendto": .whenNull(4, then: .allow, otherwise: .tell)
        default: always.contains(name) ? .tell : nil
        }
    }

    /// Those that write or create by themselves, whatever their arguments.
    private static let always = Set(
        """
        creat unlink unlinkat rmdir rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat
        mknod mknodat truncate chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes
        futimesat utimensat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr connect bind
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// The access mode, O_CREAT, O_TRUNC and the bit of O_TMPFILE: with none of them a file is only read.
    private static let changing: UInt32 = 0o3 | 0o100 | 0o1000 | 0o20_000_000

    private static func opening(flags: Int) -> ArgumentDecision {
        .whenClear(flags, of: changing, then: .allow, otherwise: .tell)
    }
}
