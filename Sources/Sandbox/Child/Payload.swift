internal import Linux

/// The last steps of the process that becomes the command.
struct Payload {
    let command: Command
    let environment: [CString]
    let descriptors: StandardDescriptors
    let terminal: Int32?
    /// A filter on top of init's, for calls that the profile denies and that init can't do without.
    let filter: [UInt64]?
    /// The caller's own, as before Mews.
    let signals: CallerSignals
    let umask: UInt32

    /// Becomes the command.
    ///
    /// - Returns: only when that failed; of the execution ENOENT means that there is no such program.
    func run() -> PayloadFailure {
        do throws(Errno) {
            try Processes.setGroup(of: 0, to: 0)
            if let terminal {
                // Still with the signals held back: a group that isn't in the foreground yet would be stopped
                // for this very call.
                try Terminal.setForeground(Processes.group(), of: terminal)
            }
            try place()
            _ = Files.setCreationMask(umask)
            try Signals.setIgnored(Signals.pipe, signals.ignoresPipe)
            try Signals.block(signals.mask)
            if let filter { try Seccomp.load(filter) }
        } catch {
            return PayloadFailure(errno: error, isOfExecution: false)
        }
        return PayloadFailure(errno: execute(), isOfExecution: true)
    }

    private func place() throws(Errno) {
        for number in Int32(0)..<3 {
            switch descriptors.handling[Int(number)] {
            case .pass:
                continue
            case .terminal:
                guard let terminal else { throw .badDescriptor }
                try Files.duplicate(terminal, to: number)
            case .null:
                // The number is taken by a stand-in of the supervisor's.
                let null = try Files.open(CString("/dev/null"), [.readWrite, .closeOnExec])
                try Files.duplicate(null.number, to: number)
            }
        }
    }

    /// execvp(3)'s search, without its fallback to a shell: what isn't executable stays that.
    private func execute() -> Errno {
        let arguments = CStringArray(command.arguments)
        let variables = CStringArray(environment)
        var answer = Errno.noEntry
        for candidate in command.candidates {
            let errno = Processes.execute(candidate, arguments: arguments, environment: variables)
            switch errno {
            case .noEntry, .notDirectory:
                continue
            case .accessDenied:
                answer = errno
            default:
                return errno
            }
        }
        return answer
    }
}
