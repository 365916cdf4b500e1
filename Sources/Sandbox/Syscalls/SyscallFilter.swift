/// A seccomp program: which system calls the command and everything it starts may make.
///
/// It must be loaded last, when nothing more than exec is left to do: after that the loader itself is under it.
/// Load it with SECCOMP_SET_MODE_FILTER after PR_SET_NO_NEW_PRIVS (seccomp(2)).
public struct SyscallFilter: Sendable {
    /// The most instructions that the kernel takes (BPF_MAXINSNS).
    public static let maximumLength = 4096

    /// The program: each element is a `struct sock_filter` as it lies in memory.
    public let instructions: [UInt64]

    /// The number of instructions, at most ``maximumLength``.
    public var length: Int { instructions.count }

    /// Makes the filter of a profile.
    ///
    /// Where the settings leave the built-in policy as it is, a program from build time is returned and
    /// libseccomp isn't touched. A name in both lists is refused.
    ///
    /// - Parameters:
    ///   - allow: calls to allow although the built-in policy refuses them. One that only a newer or other
    ///     architecture has is accepted and has no effect.
    ///   - deny: calls to refuse with EPERM. One that is refused anyway keeps its error number.
    ///   - debug: whether processes inside may trace each other.
    ///   - internetSockets: whether AF_INET and AF_INET6 sockets may be made at all; false where no network
    ///     namespace holds them (EACCES).
    ///   - isNotifying: whether refusals and what ``SyscallObservation`` names go to a listener. It then has to
    ///     be loaded with one, and everything else in it is the same.
    ///   - surroundings: what holds the session besides.
    /// - Returns: the program, at most ``maximumLength`` instructions.
    /// - Throws: the first of ``problems(allow:deny:)``, or what libseccomp answers.
    public static func make(
        allow: [String], deny: [String], debug: Bool, internetSockets: Bool = true,
        isNotifying: Bool = false, surroundings: SyscallSurroundings = .namespaces
    ) throws(SyscallFilterError) -> SyscallFilter {
        if allow.isEmpty, deny.isEmpty, internetSockets, surroundings.overriding(debug: debug).isEmpty,
            let instructions = PrecompiledFilter.instructions(debug: debug, isNotifying: isNotifying)
        {
            return SyscallFilter(instructions: instructions)
        }
        var policy = SyscallPolicy(
            debug: debug, internetSockets: internetSockets, surroundings: surroundings)
        if let problem = policy.amend(allow: allow, deny: deny).first { throw problem }
        let program = try FilterCompiler(
            policy: policy, architecture: .native, isNotifying: isNotifying
        ).program()
        return SyscallFilter(instructions: program.map(\.packed))
    }

    /// Everything that is wrong with a profile's lists, in their order, `allow` first.
    public static func problems(allow: [String], deny: [String]) -> [SyscallFilterError] {
        var policy = SyscallPolicy(debug: false, internetSockets: true)
        return policy.amend(allow: allow, deny: deny)
    }
}
