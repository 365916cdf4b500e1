internal import Audit
internal import Linux
internal import Sandbox
internal import Supervisor

/// As much of a supervisor as a trial needs.
enum TrialLoop {
    /// Runs the command to its end; its exit status as a shell gives it.
    static func run(_ plan: SandboxPlan, _ session: Session, _ acts: Int32) throws -> Int32 {
        var host = try HostLookup()
        let signals = CallerSignals(mask: try Signals.block(Signals.Mask([])), ignoresPipe: false)
        let sandbox = try Launcher.start(plan, session, callerSignals: signals)
        try sandbox.proceed()
        var notifications: CallNotifications?
        var scratch: FileDescriptor?
        var status: Int32 = 125
        var total = 0
        while true {
            var entries = [Poll.Entry(sandbox.control.number, .readable)]
            if let listener = notifications?.descriptor { entries.append(Poll.Entry(listener, .readable)) }
            try Poll.wait(&entries, nanoseconds: nil)
            if entries.count > 1, !entries[1].returned.isEmpty {
                total = notifications?.count ?? total
                if entries[1].returned == .readable {
                    try notifications?.serve(looking: &host) { Trial.write(acts, line($0)) }
                } else {
                    notifications = nil
                }
            }
            guard !entries[0].returned.isEmpty else { continue }
            switch sandbox.nextEvent() {
            case .listener(let listener):
                var arrived = try CallNotifications(
                    listener: listener, view: sandbox.view, filter: session.filter.plain)
                if let scratch = scratch.take() { arrived.setScratch(scratch) }
                notifications = consume arrived
            case .scratch(let arrived): scratch = consume arrived
            case .notBuilt(let error): throw error
            case .notExecuted(let errno): throw errno
            case .unlistened(let errno): Trial.write(acts, "{\"unlistened\": \(errno.code)}\n")
            case .ended(.exited(let code)): status = code
            case .ended(.signalled(let signal)): status = 128 + signal
            case .closed:
                _ = sandbox.waitForEnd()
                Trial.write(acts, "{\"notifications\": \(notifications?.count ?? total)}\n")
                return status
            default: continue
            }
            total = notifications?.count ?? total
        }
    }

    /// An act as JSON; bytes that aren't UTF-8 become U+FFFD.
    static func line(_ act: DeniedAct) -> String {
        var fields: [(String, String)] = [("call", text(act.call)), ("reason", text("\(act.reason)"))]
        switch act.subject {
        case .file(let activity, let path, let second):
            fields += [("activity", text("\(activity)")), ("path", text(path.bytes))]
            if let second { fields.append(("second", text(second.bytes))) }
        case .socketPath(let path): fields += [("activity", text("connect")), ("path", text(path.bytes))]
        case .socket(let family, let type, let number):
            fields.append(("socket", "[\(family), \(type), \(number)]"))
        case .call(let arguments): fields.append(("arguments", "\(arguments)"))
        }
        if let errno = act.errno { fields.append(("errno", "\(errno.code)")) }
        fields += [
            ("pid", "\(act.process.process)"), ("host_pid", "\(act.process.hostProcess ?? 0)"),
            ("name", text(act.process.name)), ("program", text(act.process.program ?? [])),
        ]
        return "{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}\n"
    }

    private static func text(_ string: String) -> String { text(Array(string.utf8)) }

    private static func text(_ bytes: [UInt8]) -> String {
        var escaped = "\""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\"" || scalar == "\\" { escaped += "\\" }
            if scalar.value < 32 {
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped + "\""
    }
}
