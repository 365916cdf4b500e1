internal import Linux
internal import Sandbox

/// The signals that the supervisor holds back, reads from a descriptor and hands on.
enum SignalForwarding {
    /// Those that go to the command as they are.
    static let forwarded: [Int32] = [
        Signals.interrupt, Signals.terminate, Signals.hangUp, Signals.quit, Signals.user1, Signals.user2,
    ]
    /// Those that the supervisor acts on itself.
    static let own: [Int32] = [Signals.window, Signals.terminalStop, Signals.continue]

    static var mask: Signals.Mask { Signals.Mask(forwarded + own) }

    /// With that one whose news the failed write brings as well: a log beyond the caller's limit is a log that can't
    /// be written, and no reason to die without a word.
    private static var held: Signals.Mask { Signals.Mask(forwarded + own + [Signals.fileSize]) }

    /// Prepares this process for supervising.
    ///
    /// What the caller ignores stays ignored, also by the command, as after any exec: nohup(1) works.
    ///
    /// - Returns: the signals as the caller has them, for the command.
    static func begin() throws(Errno) -> CallerSignals {
        // An ignored SIGCHLD, which a caller may have handed down, would let the kernel take the status of
        // the child away (wait(2), "NOTES").
        try Signals.setIgnored(Signals.child, false)
        // A terminal that goes away is seen by the write to it.
        let ignoresPipe = try Signals.setIgnored(Signals.pipe, true)
        // Before the clone: what arrives during the construction waits in the descriptor.
        return CallerSignals(mask: try Signals.block(held), ignoresPipe: ignoresPipe)
    }
}
