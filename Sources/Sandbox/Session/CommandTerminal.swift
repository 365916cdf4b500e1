public import Linux

/// The terminal that the command gets in the place of the caller's.
public struct CommandTerminal: Sendable {
    /// As large as the caller's; nil when that has no size.
    public let size: Terminal.Size?
    /// Whether line ends are made for a screen, which the caller's terminal does itself unless Mews takes its
    /// keys and with them its line discipline over.
    public let processesOutput: Bool

    /// Looks at the caller's terminal on a descriptor, before the command can write to its own.
    init(standingFor number: Int32, readsInput: Bool) {
        size = try? Terminal.size(of: number)
        processesOutput = readsInput && (try? Terminal.foreground(of: number)) == Processes.group()
    }
}
