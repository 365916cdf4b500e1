internal import Linux

/// The parent's part of building a sandbox.
public enum Launcher {
    /// Clones the child that builds the sandbox and runs the session in it.
    ///
    /// - Parameters:
    ///   - plan: what is built.
    ///   - session: what runs in it.
    ///   - callerSignals: what the command gets back.
    /// - Returns: the sandbox, still under construction.
    /// - Throws: `missingLayer` when the kernel refuses the namespaces, `failed` otherwise.
    public static func start(
        _ plan: SandboxPlan, _ session: Session, callerSignals: CallerSignals
    ) throws(SandboxError) -> RunningSandbox {
        // The child goes on in Swift after the clone, which is only sound when no other thread can have held
        // a lock at that moment.
        guard (try? Processes.isSingleThreaded()) == true else {
            throw SandboxError(.failed, "cannot start: this process has more than one thread")
        }
        do throws(Errno) {
            let sockets = try Sockets.pair()
            let namespaces: Processes.Namespaces = plan.construction.hasNamespaces ? .all : []
            // So that what a killed init leaves comes here, and not to whoever is the host's first process.
            if namespaces.isEmpty { try Processes.becomeReaper() }
            switch try Processes.clone(namespaces) {
            case .child:
                let control = sockets.keepingSecond().release()
                SandboxChild(plan: plan, session: session, control: control, callerSignals: callerSignals)
                    .run()
            case .parent(let process, let descriptor):
                // After the clone, because the child has to write its own /proc/self/uid_map, which belongs
                // to root in a process that can't be looked into; the memory here holds the caller's secrets.
                try Processes.setDumpable(false)
                return RunningSandbox(
                    process: process, processDescriptor: descriptor, control: sockets.keepingFirst(),
                    plan: plan)
            }
        } catch {
            throw Remedy.namespaces(error)
        }
    }
}
