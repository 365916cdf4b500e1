/// A part of the sandbox that a host may not have.
enum Layer: String, Encodable, CaseIterable {
    case namespaces
    case landlock
    case seccomp
    /// Where the log is written.
    case log
    /// Seeing denied reads.
    case reads
    /// Seeing denied writes and system calls.
    case writes
    /// Seeing connections to where nobody listens, and whose a connection is.
    case connections
    /// The limit of processes.
    case processes

    /// What is lost with it, in a sentence or two.
    var loss: String {
        switch self {
        case .namespaces:
            "The command would see all files that your user may read, all your processes and your network; "
                + "nothing within a writable directory could be denied or protected."
        case .landlock:
            "There would be one wall instead of two: a mistake in the mounts, or in the kernel's, would be enough "
                + "to reach files outside."
        case .seccomp: "The command could call every part of the kernel; nothing is started without it."
        case .log: "Nobody could tell afterwards what was denied; nothing is started without it."
        case .reads: "Denied reads are denied all the same, and the log doesn't tell of them."
        case .writes:
            "Denied writes and system calls are denied all the same, and the log doesn't tell of them."
        case .connections:
            "What isn't listened for is refused all the same; the log tells less about it."
        case .processes:
            "Only RLIMIT_NPROC limits the number of processes: it counts all that the user has, and doesn't hold "
                + "for root."
        }
    }
}
