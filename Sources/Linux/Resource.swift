/// What a process can be limited in (getrlimit(2)); the numbers are those of x86-64 and arm64.
public enum Resource: Int32, Sendable, CaseIterable {
    /// The largest file it may make, in bytes.
    case fileSize = 1
    /// The largest core file, in bytes.
    case core = 4
    /// Processes and threads of its user in its user namespace.
    case processes = 6
    /// One more than the largest descriptor number.
    case openFiles = 7
}
