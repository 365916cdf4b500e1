internal import Linux

/// Finds out whether the namespaces of a session can be had, by building them.
///
/// Some hosts let them be made and refuse what is to be done in them (AppArmor's restriction of user namespaces takes
/// the capabilities away later), so that nothing less than all of the construction tells.
public enum NamespaceTrial {
    /// Carries a plan out in a child that then ends.
    ///
    /// - Parameter plan: one with namespaces, with neither a terminal nor a root that the supervisor answers for.
    /// - Returns: what stands in the way; nil when nothing does.
    public static func failure(of plan: SandboxPlan) -> SandboxError? {
        do throws(Errno) {
            let sockets = try Sockets.pair()
            switch try Processes.clone(.all) {
            case .child:
                build(plan, control: sockets.keepingSecond().release())
            case .parent(let process, _):
                let control = sockets.keepingFirst()
                let answer = answer(from: control.number, plan)
                let status = try Processes.wait(for: process)
                if let answer { return answer }
                if case .exited(0) = status { return nil }
                return SandboxError(.failed, "the trial of the namespaces was ended")
            }
        } catch {
            return Remedy.namespaces(error)
        }
    }

    private static func build(_ plan: SandboxPlan, control: Int32) -> Never {
        _ = Files.setCreationMask(0o022)
        var executor = ChildExecutor(control: control)
        for (index, operation) in plan.operations.enumerated() {
            do throws(Errno) {
                try executor.execute(operation)
            } catch {
                let message = ControlMessage.failed(operation: Int32(index), errno: error.code)
                try? Sockets.send(message.bytes, to: control)
                Processes.exitNow(1)
            }
        }
        Processes.exitNow(0)
    }

    /// What the child hands over is closed again.
    private static func answer(from control: Int32, _ plan: SandboxPlan) -> SandboxError? {
        var failure: SandboxError?
        while let packet = try? Sockets.receive(from: control, atMost: ControlMessage.size),
            !packet.bytes.isEmpty
        {
            if case .failed(let operation, let errno)? = ControlMessage(packet.bytes) {
                failure = plan.error(at: Int(operation), Errno(errno))
            }
        }
        return failure
    }
}
