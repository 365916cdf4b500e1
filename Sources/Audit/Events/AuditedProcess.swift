/// Who acted.
public struct AuditedProcess: Hashable, Sendable {
    /// The number inside; 0 when it was gone before it could be told.
    public var process: Int32
    /// The number on the host; nil where only the one inside is known.
    public var hostProcess: Int32?
    /// The kernel's short name of the task (proc_pid_comm(5)), any bytes.
    public var name: [UInt8]
    /// The program's path as seen inside; nil when it couldn't be read.
    public var program: [UInt8]?

    /// Joins what is known.
    public init(process: Int32, hostProcess: Int32? = nil, name: [UInt8], program: [UInt8]? = nil) {
        self.process = process
        self.hostProcess = hostProcess
        self.name = name
        self.program = program
    }
}
