/// What waitpid(2) tells of a child.
public enum WaitStatus: Hashable, Sendable {
    /// It ended itself with this status.
    case exited(Int32)
    /// This signal ended it.
    case signalled(Int32)
    /// This signal stopped it.
    case stopped(Int32)

    /// Reads the kernel's number.
    public init(raw: Int32) {
        let signal = raw & 0x7f
        if raw & 0xff == 0x7f {
            self = .stopped((raw >> 8) & 0xff)
        } else if signal == 0 {
            self = .exited((raw >> 8) & 0xff)
        } else {
            self = .signalled(signal)
        }
    }

    /// The number that the kernel would have written.
    public var raw: Int32 {
        switch self {
        case .exited(let status): status << 8
        case .signalled(let signal): signal
        case .stopped(let signal): signal << 8 | 0x7f
        }
    }
}
