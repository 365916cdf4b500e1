/// The table of rules. What it doesn't name, newer calls above all, answers ENOSYS.
enum SyscallRules {
    /// All rules for a profile with these settings. Each name occurs once.
    ///
    /// - Parameters:
    ///   - debug: whether processes may trace and read each other.
    ///   - internetSockets: whether AF_INET and AF_INET6 sockets may be made.
    /// - Returns: the rules, by group.
    static func table(debug: Bool, internetSockets: Bool) -> [SyscallRule] {
        allowed + checked(debug: debug) + sockets(internet: internetSockets) + tracing(debug: debug)
            + privileged + refused + absent
    }
}
