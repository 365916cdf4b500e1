extension SyscallRules {
    private static let unix: UInt32 = 1
    private static let internet: [UInt32] = [2, 10]  // AF_INET, AF_INET6
    private static let netlink: UInt32 = 16

    /// Sockets of the families that programs need.
    ///
    /// Every other family is a door into a part of the kernel that few have looked at: AF_ALG
    /// (CVE-2026-31431), AF_RXRPC (CVE-2026-43284), AF_PACKET (CVE-2017-7308), AF_KEY, AF_XDP, AF_BLUETOOTH.
    /// AF_VSOCK reaches the host of a virtual machine, because network namespaces don't hold it before
    /// Linux 7.0.
    static func sockets(internet isAllowed: Bool) -> [SyscallRule] {
        let other = ArgumentDecision.when(
            0, among: [netlink], then: netlinkSocket, otherwise: .refuse(.addressFamily))
        let remote = ArgumentDecision.when(
            0, among: internet, then: isAllowed ? internetSocket : .refuse(.access), otherwise: other)
        let never = SyscallRule.Lifting.never("other socket families reach the host and untried kernel code")
        return [
            SyscallRule(
                .when(0, among: [unix], then: .allow, otherwise: remote), lifting: never, "socket"),
            // Pairs exist for AF_UNIX alone (and TIPC).
            SyscallRule(
                .when(0, among: [unix], then: .allow, otherwise: .refuse(.addressFamily)), lifting: never,
                "socketpair"),
        ]
    }

    /// NETLINK_ROUTE, by which getaddrinfo(3) and `ip` read addresses. Netfilter, xfrm, audit and the
    /// others are reachable from no capability at all, or loadable on demand.
    private static let netlinkSocket = ArgumentDecision.when(
        2, among: [0], then: .allow, otherwise: .refuse(.socketProtocol))

    /// TCP, UDP, ping and multipath TCP (the default of Go's listeners). SCTP, DCCP, L2TP, UDP-Lite and SMC
    /// would be loaded by asking for them. A raw socket gets the kernel's own EPERM for want of CAP_NET_RAW.
    private static let internetSocket = ArgumentDecision.when(
        1, mask: 0xF, among: [1, 2, 3],  // SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, without SOCK_CLOEXEC and so on
        then: .when(
            2, among: [0, 1, 6, 17, 58, 255, 262],  // any, ICMP, TCP, UDP, ICMPv6, raw, MPTCP
            then: .allow, otherwise: .refuse(.socketProtocol)),
        otherwise: .refuse(.socketType))
}
