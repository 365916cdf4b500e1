internal import Linux

/// What init and the supervisor tell each other, one packet each.
enum ControlMessage: Equatable {
    /// From the child: the other side of the command's terminal comes along.
    case terminal
    /// From the child: an operation of the plan failed.
    case failed(operation: Int32, errno: Int32)
    /// From init: execve(2) of the command failed.
    case notExecuted(errno: Int32)
    /// From init: the command's program has been loaded; with its number inside.
    case started(process: Int32)
    /// From init: the command was stopped by a signal.
    case stopped(signal: Int32)
    /// From init: the command ended, with the status of waitpid(2).
    case ended(status: Int32)
    /// From the supervisor: send the command's process group a signal.
    case signal(Int32)
    /// From the child: the skeleton root's server side comes along.
    case skeleton
    /// From the child: a path-only descriptor of the scratch file system comes along.
    case scratch
    /// From the child: a descriptor of the sandbox's process file system comes along.
    case processes
    /// From the child: the listener of the command's filter comes along.
    case listener
    /// From the supervisor: the command may be started.
    case proceed
    /// From init: the most memory that the command held at once, in KiB; just before `ended`.
    case usage(peakMemory: Int32)
    /// From the child: the kernel allows no listener, so the command's filter has none.
    case unlistened(errno: Int32)
    /// From the child: the network's sockets come along, the observer of packets and the diagnosis behind the
    /// listeners; a number that isn't 0 is why there is none.
    case network(packets: Int32, diagnosis: Int32)
    /// From the child: nothing more is needed for the command to start, where there are no namespaces.
    case built
    /// From the supervisor: end everything at once, where that isn't what the end of init does by itself.
    case end

    /// The size of every packet.
    static let size = 12

    private var words: (Int32, Int32, Int32) {
        switch self {
        case .terminal: (1, 0, 0)
        case .failed(let operation, let errno): (2, operation, errno)
        case .notExecuted(let errno): (3, errno, 0)
        case .started(let process): (4, process, 0)
        case .stopped(let signal): (5, signal, 0)
        case .ended(let status): (6, status, 0)
        case .signal(let number): (7, number, 0)
        case .skeleton: (8, 0, 0)
        case .scratch: (9, 0, 0)
        case .processes: (10, 0, 0)
        case .listener: (11, 0, 0)
        case .proceed: (12, 0, 0)
        case .usage(let peakMemory): (13, peakMemory, 0)
        case .unlistened(let errno): (14, errno, 0)
        case .network(let packets, let diagnosis): (15, packets, diagnosis)
        case .built: (16, 0, 0)
        case .end: (17, 0, 0)
        }
    }

    /// The packet.
    var bytes: [UInt8] {
        let (kind, first, second) = words
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        for shift in stride(from: 0, to: Int32.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: kind >> shift))
        }
        for shift in stride(from: 0, to: Int32.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: first >> shift))
        }
        for shift in stride(from: 0, to: Int32.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: second >> shift))
        }
        return bytes
    }

    /// Reads a packet; nil when it is none of these.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        let words = (0..<3).map { word in
            (0..<4).reduce(Int32(0)) { $0 | Int32(bytes[word * 4 + $1]) << ($1 * 8) }
        }
        switch words[0] {
        case 1: self = .terminal
        case 2: self = .failed(operation: words[1], errno: words[2])
        case 3: self = .notExecuted(errno: words[1])
        case 4: self = .started(process: words[1])
        case 5: self = .stopped(signal: words[1])
        case 6: self = .ended(status: words[1])
        case 7: self = .signal(words[1])
        case 8: self = .skeleton
        case 9: self = .scratch
        case 10: self = .processes
        case 11: self = .listener
        case 12: self = .proceed
        case 13: self = .usage(peakMemory: words[1])
        case 14: self = .unlistened(errno: words[1])
        case 15: self = .network(packets: words[1], diagnosis: words[2])
        case 16: self = .built
        case 17: self = .end
        default: return nil
        }
    }
}
