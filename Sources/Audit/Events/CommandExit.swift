/// The command, or a program that it ran, has ended (`command.exit`).
public struct CommandExit: Sendable {
    /// How.
    public enum Outcome: Hashable, Sendable {
        /// By itself, with this status.
        case status(Int32)
        /// By a signal.
        case signal(Int32)
        /// In a way that nobody saw.
        case unknown
    }

    /// The number inside.
    public var process: Int32
    /// The number on the host; nil when it isn't known.
    public var hostProcess: Int32?
    /// The program's path inside.
    public var program: [UInt8]
    /// How.
    public var outcome: Outcome
    /// How long it ran, in milliseconds.
    public var milliseconds: Int
    /// The most memory that it or one of its children held, in KiB; nil when it isn't known.
    public var peakMemory: Int?

    /// Who started it; nil for the session's own command.
    public var parent: AuditedParent?

    /// Joins the parts.
    public init(
        process: Int32, hostProcess: Int32?, program: [UInt8], outcome: Outcome, milliseconds: Int,
        peakMemory: Int?
    ) {
        self.process = process
        self.hostProcess = hostProcess
        self.program = program
        self.outcome = outcome
        self.milliseconds = milliseconds
        self.peakMemory = peakMemory
    }
}
