/// The process from which a program was started.
public struct AuditedParent: Hashable, Sendable {
    /// Its number inside; 0 when it is outside or gone.
    public var process: Int32
    /// The kernel's short name of it (proc_pid_comm(5)), any bytes.
    public var name: [UInt8]

    /// Joins the two.
    public init(process: Int32, name: [UInt8]) {
        self.process = process
        self.name = name
    }
}
