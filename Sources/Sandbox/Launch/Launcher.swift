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
        try checkThreads()
        let sockets = try call("make a socket for the sandbox") { () throws(Errno) in try Sockets.pair() }
        let namespaces: Processes.Namespaces = plan.construction.hasNamespaces ? .all : []
        if namespaces.isEmpty {
            // So that what a killed init leaves comes here, and not to whoever is the host's first process.
            try call("take over what init leaves") { () throws(Errno) in try Processes.becomeReaper() }
        }
        switch try clone(namespaces) {
        case .child:
            let control = sockets.keepingSecond().release()
            SandboxChild(plan: plan, session: session, control: control, callerSignals: callerSignals).run()
        case .parent(let process, let descriptor):
            let sandbox = RunningSandbox(
                process: process, processDescriptor: descriptor, control: sockets.keepingFirst(), plan: plan)
            do throws(SandboxError) {
                // After the clone, because the child has to write its own /proc/self/uid_map, which belongs
                // to root in a process that can't be looked into; the memory here holds the caller's secrets.
                try call("keep others from looking into mews") { () throws(Errno) in
                    try Processes.setDumpable(false)
                }
            } catch {
                sandbox.kill()
                _ = sandbox.waitForEnd()
                throw error
            }
            return sandbox
        }
    }

    /// The child goes on in Swift after the clone, which is only sound when no other thread can have held a lock at
    /// that moment.
    private static func checkThreads() throws(SandboxError) {
        let isSingle = try call("count the threads of mews") { () throws(Errno) in
            try Processes.isSingleThreaded()
        }
        guard isSingle else {
            throw SandboxError(.failed, "cannot start: this process has more than one thread")
        }
    }

    private static func clone(_ namespaces: Processes.Namespaces) throws(SandboxError)
        -> Processes.CloneResult
    {
        do throws(Errno) {
            return try Processes.clone(namespaces)
        } catch {
            // A host that has run out of something lacks no layer.
            throw Remedy.isShortage(error)
                ? SandboxError(.failed, "cannot clone a process into namespaces of its own", errno: error)
                : Remedy.namespaces(error)
        }
    }

    private static func call<Result: ~Copyable>(
        _ action: String, _ body: () throws(Errno) -> Result
    ) throws(SandboxError) -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw SandboxError(.failed, "cannot \(action)", errno: error)
        }
    }
}
