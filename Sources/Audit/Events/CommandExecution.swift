public import Linux

/// The command, or a program that it runs, starts or fails to (`command.exec`).
public struct CommandExecution: Sendable {
    /// The number inside.
    public var process: Int32
    /// The number on the host; nil when it isn't known.
    public var hostProcess: Int32?
    /// The program's path inside.
    public var program: [UInt8]
    /// Its arguments, the first being its name; redacted when they are recorded.
    public var arguments: [[UInt8]]
    /// Where it starts.
    public var workingDirectory: [UInt8]
    /// What execve(2) said when it failed.
    public var failure: Errno?
    /// Who started it; nil for the session's own command.
    public var parent: AuditedParent?
    /// What is replaced in arguments beside what looks like a secret (`audit.redact`).
    public var redacted: [[UInt8]] = []

    /// Joins the parts.
    public init(
        process: Int32, hostProcess: Int32?, program: [UInt8], arguments: [[UInt8]],
        workingDirectory: [UInt8],
        failure: Errno? = nil
    ) {
        self.process = process
        self.hostProcess = hostProcess
        self.program = program
        self.arguments = arguments
        self.workingDirectory = workingDirectory
        self.failure = failure
    }
}
