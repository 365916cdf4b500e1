internal import Audit
internal import Linux
internal import Sandbox

extension SessionRecorder {
    /// Puts a denied act into the words of a record: which line it is, and what would allow it.
    func explain(_ act: DeniedAct, in context: ExplanationContext) -> Denial {
        switch act.subject {
        case .file(let activity, let path, let second):
            let use = Self.use(act.call, activity)
            let why = Explanation(of: use, at: path, second: second, in: context)
            return denial(
                .file(activity, path.bytes, second: second?.bytes), act, why,
                "\(Self.verb(use)) \(path)\(second.map { " and \($0)" } ?? "")")
        case .socketPath(let path):
            let why = Explanation(of: .connect, at: path, in: context)
            return denial(.socketPath(path.bytes), act, why, "connect to \(path)")
        case .socket(let family, let type, let number):
            let name = SocketFamily.name(family)
            return refused(
                .socket(family: family, type: type, protocol: number, familyName: name), act,
                "make a socket of the family \(name ?? "\(family)")")
        case .call(let arguments):
            return refused(.call(arguments: arguments), act, "call \(act.call)")
        }
    }

    /// What the call wants of the path, where the activity alone doesn't tell.
    private static func use(_ call: String, _ activity: FileActivity) -> FileUse {
        switch call {
        case "execve", "execveat": .execute
        case "mkdir", "mkdirat": .makeDirectory
        default: FileUse(activity)
        }
    }

    private static func verb(_ use: FileUse) -> String {
        switch use {
        case .read: "read"
        case .write: "write"
        case .execute: "execute"
        case .create: "create"
        case .makeDirectory: "make the directory"
        case .delete: "remove"
        case .rename: "rename or link"
        case .attributes: "change attributes of"
        case .connect: "connect to"
        }
    }

    private func denial(
        _ subject: Denial.Subject, _ act: DeniedAct, _ why: Explanation, _ what: String
    ) -> Denial {
        let rule = why.rule.map { AuditedRule(text: $0.line, origin: "\($0.origin)") }
        var reason = why.reason
        if act.reason == .notProbed {
            reason = "the file system there isn't asked, so it counts as existing."
        } else if why.verdict == .allowed {
            // The kernel knows better than the lines, as where what lies there has changed since the start.
            reason = "the kernel refuses it (\(act.reason.rawValue))."
        }
        // The sentence has named it already.
        if case .file(_, let path, _) = act.subject, reason.hasPrefix("\(path) ") {
            reason = "it" + reason.dropFirst(path.description.count)
        }
        return Denial(
            subject, act.reason, call: act.call, errno: act.errno, process: act.process,
            rule: rule ?? .default, message: "\(act.process.title) may not \(what): \(reason)", fix: why.fix)
    }

    private func refused(_ subject: Denial.Subject, _ act: DeniedAct, _ what: String) -> Denial {
        let line = lineDenying(call: act.call)
        let rule =
            line.map { AuditedRule(text: "syscalls.deny: \(act.call)", origin: "\($0)") }
            ?? AuditedRule(text: "the filter of system calls", origin: "built-in")
        let reason =
            line == nil
            ? "the filter of system calls refuses it."
            : "a line of the profile denies it; to allow it, remove that line."
        return Denial(
            subject, act.reason, call: act.call, errno: act.errno, process: act.process,
            rule: rule, message: "\(act.process.title) may not \(what): \(reason)",
            fix: line == nil ? Self.fix(for: act.call) : nil)
    }

    /// The line that would lift the filter's refusal; nil where none may.
    private static func fix(for call: String) -> String? {
        if call == "ptrace" { return "process: {debug: true}" }
        guard SyscallFilter.problems(allow: [call], deny: []).isEmpty else { return nil }
        return "process: {syscalls: {allow: [\(call)]}}"
    }
}

extension AuditedRule {
    /// The line with its place, as `mews audit show` has it; nil for what no line names.
    var line: String? {
        if self == .default { return nil }
        return origin.isEmpty || text.isEmpty ? text + origin : "\(text) (\(origin))"
    }
}

extension DeniedAct {
    /// What it is counted as.
    var kind: DenialTally.Kind {
        switch subject {
        case .file(.open, _, _): .reads
        case .file: .writes
        case .socketPath, .socket: .sockets
        case .call: .calls
        }
    }
}

extension AuditedProcess {
    /// What it is called in a sentence.
    var title: String { name.isEmpty ? "a process that is gone" : PrintableText.escape(name) }
}
