internal import Linux

/// The child from the clone on: builds the sandbox around itself and becomes its init.
struct SandboxChild {
    let plan: SandboxPlan
    let session: Session
    let control: Int32
    let callerSignals: CallerSignals

    /// Does everything; never returns.
    func run() -> Never {
        // The caller's umask is the command's business; what is built here has fixed modes.
        let umask = Files.setCreationMask(0o022)
        var executor = ChildExecutor(control: control)
        for (index, operation) in plan.operations.enumerated() {
            do throws(Errno) {
                try executor.execute(operation)
            } catch {
                report(index, error)
            }
        }
        do throws(Errno) {
            try becomeInit(executor, umask: umask)
        } catch {
            report(plan.operations.count, error)
        }
        Processes.exitNow(0)
    }

    private func report(_ operation: Int, _ errno: Errno) -> Never {
        let message = ControlMessage.failed(operation: Int32(operation), errno: errno.code)
        // Without a supervisor there is nobody to tell, and nothing has run.
        try? Sockets.send(message.bytes, to: control)
        Processes.exitNow(1)
    }

    private func becomeInit(_ executor: ChildExecutor, umask: UInt32) throws(Errno) {
        let terminal = executor.terminal
        // Before the fork, because the command must never be able to look into this process: it still holds
        // the caller's whole environment in memory.
        try Processes.setDumpable(false)
        // A session of its own: the caller's terminal can't be reached from it, and input can't be pushed
        // into it (CVE-2017-5226).
        try Processes.startSession()
        if let terminal { try Terminal.takeControl(of: terminal) }
        // Held back, or it would be thrown away before the descriptor sees it. The first process of a PID
        // namespace gets no other signal from inside, and the supervisor speaks over the socket.
        // With it the signal that would stop the command for taking the foreground, which it does before it
        // has its own mask back.
        try Signals.block(Signals.Mask([Signals.child, Signals.terminalOutput] + ignoredByInit))
        // Not only marked: this process never execs, so what is open stays open. First, because the command's limit of
        // descriptors holds here already.
        try Files.closeAll(except: [0, 1, 2, control] + (terminal.map { [$0] } ?? []))
        let signals = try Signals.descriptor(for: Signals.Mask([Signals.child])).release()
        let payload = Payload(
            command: session.command, environment: session.environment, descriptors: session.descriptors,
            terminal: terminal, filter: session.filter, control: control, signals: callerSignals,
            umask: umask, confinement: confinement)
        var process = SandboxInit(control: control, signals: signals, payload: payload, reach: reach)
        try process.fork()
        loadFilter(executor)
        // Only now that it watches the supervisor itself: killed with it, it could end nobody.
        if confinement != nil { try Processes.outliveParent() }
        try process.run()
    }

    /// What the command's process does itself where no PID namespace ends it and keeps it from init; nil where one
    /// does.
    private var confinement: Payload.Confinement? {
        plan.construction.hasNamespaces ? nil : Payload.Confinement(isolatesSignals: holdsSignals)
    }

    private var holdsSignals: Bool {
        plan.operations.contains { operation in
            if case .enforceLandlock(let wall) = operation {
                return Landlock.holdsSignals(version: wall.version)
            }
            return false
        }
    }

    /// Whom init reaches with a signal to everybody. Asked of the kernel as well, because a wrong answer would end all
    /// that the user runs: the supervisor is outside, and may not be reached.
    private var reach: SandboxInit.Reach {
        if plan.construction.hasNamespaces { return .namespace }
        guard holdsSignals else { return .descendants }
        do throws(Errno) {
            try Processes.signal(Processes.parentNumber(), 0)
            return .descendants
        } catch {
            return error == .notPermitted ? .domain : .descendants
        }
    }

    /// The first process of a PID namespace needn't: it gets none that it has no handler for.
    private var ignoredByInit: [Int32] {
        plan.construction.hasNamespaces
            ? []
            : [
                Signals.hangUp, Signals.interrupt, Signals.quit, Signals.user1, Signals.user2,
                Signals.terminate,
            ]
    }

    /// After the fork, because the command's process has a filter of its own, which this one's would hide; and
    /// before that process is let go, so that nothing of the command ever meets an init without a filter. Init
    /// must not depend on the supervisor, so it has no listener.
    private func loadFilter(_ executor: ChildExecutor) {
        guard let filter = executor.filter else { return }
        do throws(Errno) {
            try Seccomp.load(filter)
        } catch {
            report(plan.operations.count - 1, error)
        }
    }
}
