internal import Audit
internal import Linux

/// A system call that waits for the skeleton's answer (proc_pid_syscall(5)).
struct PendingCall: Equatable {
    /// Its number.
    let number: UInt64
    /// Its six arguments as they are in the registers.
    let arguments: [UInt64]

    /// What became of the line of /proc/TID/syscall.
    enum Reading: Equatable {
        /// The call.
        case call(PendingCall)
        /// The task isn't asleep yet.
        case running
        /// There is none, or it can't be read.
        case none
    }

    /// Reads the line: `running`, `-1 SP PC`, or the number and eight values in hexadecimal.
    static func read(_ line: [UInt8]) -> Reading {
        if line.starts(with: Array("running".utf8)) { return .running }
        let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        guard fields.count == 9, let number = UInt64(String(decoding: fields[0], as: UTF8.self)) else {
            return .none
        }
        var arguments: [UInt64] = []
        for field in fields[1...6] {
            guard field.starts(with: Array("0x".utf8)),
                let value = UInt64(String(decoding: field.dropFirst(2), as: UTF8.self), radix: 16)
            else { return .none }
            arguments.append(value)
        }
        return .call(PendingCall(number: number, arguments: arguments))
    }
}

extension PendingCall {
    /// What is tried with a path that can't be had.
    enum Attempt: Equatable {
        /// To use what is there, or to make something.
        case file(FileActivity)
        /// To talk to a socket.
        case socket
        /// Only to look.
        case look
    }

    /// What the path of a call names on the host.
    enum Target: Equatable {
        /// Nothing.
        case missing
        /// A socket.
        case socket
        /// Anything else.
        case other
        /// It can't be told, not even whether there is anything.
        case unknown

        /// What the host's answer says of it; what a link leads to isn't looked at.
        init(_ answer: HostAnswer) {
            switch answer {
            case .missing: self = .missing
            case .found(let status): self = status.kind == .socket ? .socket : .other
            case .link, .unreadable, .notProbed: self = .unknown
            }
        }
    }

    // O_ACCMODE, O_CREAT and O_TRUNC of open(2).
    private static let writes: UInt64 = 0o3
    private static let creates: UInt64 = 0o100
    private static let truncates: UInt64 = 0o1000

    /// What this call, known as `path`, tries. A connection to something that is no socket would fail on the host for
    /// its own reasons, and is only a look.
    func attempt(_ path: PathCall, on target: Target) -> Attempt {
        switch path.effect {
        case .open(let place):
            let flags = arguments[place]
            if target == .missing, flags & Self.creates != 0 { return .file(.create) }
            return .file(flags & (Self.writes | Self.creates | Self.truncates) == 0 ? .open : .write)
        case .creates: return .file(target == .missing ? .create : .write)
        case .executes: return .file(.open)
        case .connects: return target == .other ? .look : .socket
        case .changes(let activity): return .file(activity)
        case .looks: return .look
        }
    }
}
