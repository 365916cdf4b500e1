/// What becomes of a call, depending on its arguments.
///
/// Only register values can be judged: what a pointer leads to may change between the filter's look and the
/// kernel's. Every comparison sees the low 32 bits alone, because that is what the kernel uses of these
/// arguments (`int`, `unsigned int`, `umode_t`): comparing all 64 let `ioctl(fd, TIOCSTI | 1 << 32)` pass in
/// flatpak (CVE-2019-10063) and snapd (CVE-2019-7303).
indirect enum ArgumentDecision: Hashable, Sendable {
    /// The call proceeds.
    case allow
    /// The call proceeds once the supervisor has been told; without a supervisor that listens it proceeds at
    /// once.
    case tell
    /// The call fails.
    case refuse(Refusal)
    /// `then` if the argument's low 32 bits under the mask equal one of the values, else `otherwise`.
    case when(Int, mask: UInt32, among: [UInt32], then: ArgumentDecision, otherwise: ArgumentDecision)
    /// `then` if all 64 bits of the argument are 0, else `otherwise`: of a pointer, half of it says nothing.
    case whenNull(Int, then: ArgumentDecision, otherwise: ArgumentDecision)

    /// `then` if the argument is one of the values, else `otherwise`.
    static func when(
        _ argument: Int, among values: [UInt32], then: ArgumentDecision, otherwise: ArgumentDecision
    ) -> ArgumentDecision {
        .when(argument, mask: .max, among: values, then: then, otherwise: otherwise)
    }

    /// `then` if no bit of the mask is set in the argument, else `otherwise`.
    static func whenClear(
        _ argument: Int, of mask: UInt32, then: ArgumentDecision, otherwise: ArgumentDecision
    ) -> ArgumentDecision {
        .when(argument, mask: mask, among: [0], then: then, otherwise: otherwise)
    }

    /// The same decision with another one in the place of each plain `allow`.
    func allowing(as leaf: ArgumentDecision) -> ArgumentDecision {
        switch self {
        case .allow: leaf
        case .tell, .refuse: self
        case .when(let argument, let mask, let values, let then, let otherwise):
            .when(
                argument, mask: mask, among: values, then: then.allowing(as: leaf),
                otherwise: otherwise.allowing(as: leaf))
        case .whenNull(let argument, let then, let otherwise):
            .whenNull(
                argument, then: then.allowing(as: leaf), otherwise: otherwise.allowing(as: leaf))
        }
    }
}
