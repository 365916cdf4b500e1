public import Profile

/// The filters of system calls for the command's process, which loads one of them just before execve(2).
public struct CommandFilter: Sendable {
    /// Answers every refused call with its error number: loaded where nobody listens, and what the supervisor
    /// goes by where it does.
    public let plain: [UInt64]
    /// The same with a listener; nil when writes and refusals aren't to be told.
    public let notifying: [UInt64]?

    /// Joins the two.
    public init(plain: [UInt64], notifying: [UInt64]?) {
        self.plain = plain
        self.notifying = notifying
    }

    /// The filters of a policy, what the profile denies included.
    ///
    /// - Parameters:
    ///   - policy: the part of the policy that names system calls.
    ///   - isNotifying: whether the supervisor is told of what is refused and of what is changed.
    ///   - tellsPrograms: whether it is then also told of each program that is run.
    ///   - surroundings: what holds the session besides.
    /// - Throws: what ``SyscallFilter`` finds wrong with the profile's lists.
    public init(
        _ policy: ProcessPolicy, isNotifying: Bool, tellsPrograms: Bool = false,
        surroundings: SyscallSurroundings = .namespaces
    ) throws(SyscallFilterError) {
        func make(_ isNotifying: Bool) throws(SyscallFilterError) -> [UInt64] {
            try SyscallFilter.make(
                allow: policy.allowedSyscalls.map(\.value), deny: policy.deniedSyscalls.map(\.value),
                debug: policy.debug.value, isNotifying: isNotifying, surroundings: surroundings
            ).instructions
        }
        var notifying = isNotifying ? try make(true) : nil
        if tellsPrograms, let told = notifying { notifying = try SyscallFilter.tellingOfPrograms(told) }
        self.init(plain: try make(false), notifying: notifying)
    }
}
