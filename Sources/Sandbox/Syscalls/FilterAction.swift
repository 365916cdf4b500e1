/// What the filter returns to the kernel: SECCOMP_RET_* of linux/seccomp.h.
struct FilterAction: Hashable, Sendable {
    /// The value of the return instruction.
    let value: UInt32

    /// The call proceeds.
    static let allow = FilterAction(value: 0x7fff_0000)
    /// The whole process dies of SIGSYS, and the kernel logs it (seccomp(2)).
    static let killProcess = FilterAction(value: 0x8000_0000)

    /// The call waits for what the listener of the filter says (seccomp_unotify(2)).
    static let notify = FilterAction(value: 0x7fc0_0000)

    private init(value: UInt32) {
        self.value = value
    }

    /// Takes what a program returns.
    init(returned value: UInt32) {
        self.init(value: value)
    }

    /// The call returns the refusal's error number.
    init(_ refusal: Refusal) {
        value = 0x0005_0000 | refusal.errno
    }

    /// What becomes of a refused call in a filter with a listener: the supervisor writes it down and gives the
    /// same error number. Not for what is answered as on a kernel without the call: programs probe for that all
    /// the time, and a number without a name would be no news.
    init(_ refusal: Refusal, notifying: Bool) {
        self = notifying && refusal.isNews ? .notify : FilterAction(refusal)
    }

    /// A mark in what libseccomp builds, replaced by a jump to an argument check before the program is
    /// used. SECCOMP_RET_TRACE serves because no rule of ours means it.
    init(mark index: Int) {
        value = 0x7ff0_0000 | UInt32(index)
    }

    /// The index of the check that this marks; nil for a real action.
    var mark: Int? {
        value & 0xffff_0000 == 0x7ff0_0000 ? Int(value & 0xffff) : nil
    }
}
