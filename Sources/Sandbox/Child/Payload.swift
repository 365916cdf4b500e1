internal import Linux

/// The last steps of the process that becomes the command.
struct Payload {
    let command: Command
    let environment: [CString]
    let descriptors: StandardDescriptors
    let terminal: Int32?
    /// Not inherited from init: of two filters the error number of the one would hide the notification of the
    /// other, and what a profile denies init may need.
    let filter: CommandFilter
    /// The socket to the supervisor.
    let control: Int32
    /// The caller's own, as before Mews.
    let signals: CallerSignals
    let umask: UInt32
    /// See `SandboxChild`; nil in a PID namespace.
    let confinement: Confinement?

    /// What stands in the place of a PID namespace.
    struct Confinement {
        /// Whether Landlock keeps the command from signalling init.
        let isolatesSignals: Bool
    }

    /// Becomes the command once a byte can be read from `release`.
    ///
    /// - Returns: only when that failed; of the execution ENOENT means that there is no such program.
    func run(release: Int32) -> PayloadFailure {
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
            if let confinement {
                // The command could take this back, but hardly does: it ends with init, should somebody kill that.
                try Processes.endWithParent()
                if confinement.isolatesSignals { try Landlock.isolateSignals() }
            }
            try loadFilter()
            // The supervisor writes down that the session starts before anything of it happens, and init has
            // its own filter by then.
            guard try !Files.read(release, atMost: 1).isEmpty else { throw .noProcess }
        } catch {
            return PayloadFailure(errno: error, isOfExecution: false)
        }
        return PayloadFailure(errno: command.execute(environment), isOfExecution: true)
    }

    /// Last, because from here on this process is under it.
    ///
    /// Nothing of what follows is told to the supervisor or has to wait for it: it may be busy with the end of
    /// the construction. A kernel or an outer sandbox that allows no listener is no reason to run without a
    /// filter; the supervisor says that writes can't be seen.
    private func loadFilter() throws(Errno) {
        guard let notifying = filter.notifying else { return try Seccomp.load(filter.plain) }
        let listener: FileDescriptor
        do throws(Errno) {
            listener = try Seccomp.loadListening(notifying)
        } catch {
            guard [.busy, .invalidArgument].contains(error) else { throw error }
            try Seccomp.load(filter.plain)
            return try Sockets.send(ControlMessage.unlistened(errno: error.code).bytes, to: control)
        }
        // The copy here is closed at the end of this scope: whoever holds a listener can answer for others.
        try Sockets.send(ControlMessage.listener.bytes, with: listener.number, to: control)
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
}
