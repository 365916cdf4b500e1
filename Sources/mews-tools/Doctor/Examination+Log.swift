internal import Audit
internal import Linux
internal import Sandbox

extension Examination {
    /// Whether a session could begin a log: nothing starts without one.
    var logProbe: Probe {
        Probe(Self.log, .log) { () throws(SandboxError) in
            if Inside.isHere() { return "the session around this one writes it" }
            guard let state = LogDirectory.stateHome(facts) else {
                throw SandboxError(.refused, "there is no home directory", hint: Self.elsewhere)
            }
            let directory = LogDirectory(path: state.appending("mews").appending("audit"))
            let isThere: Bool
            do throws(AuditFailure) {
                isThere = try AuditDirectory.check(stateHome: state, user: facts.user)
                try Self.checkLedger(directory, state, facts.user)
            } catch {
                throw SandboxError(.failed, error.description, hint: Self.remedy(for: error))
            }
            try Self.write(near: directory.path)
            return (isThere ? "\(directory.path)" : "\(directory.path), made by the first session")
                + Self.remark(directory)
        }
    }

    private static let elsewhere = "set XDG_STATE_HOME to a directory of yours outside the workspace"

    /// In the directory, or where it would be made.
    private static func write(near path: AbsolutePath) throws(SandboxError) {
        let place = ([path] + path.ancestors).first { (try? Files.targetStatus(CString($0))) != nil } ?? .root
        // A home that isn't there is a mistake in the environment, which a launch refuses.
        guard place != .root else {
            throw SandboxError(
                .failed, "cannot make \(path): there is nothing of it but /", hint: elsewhere)
        }
        let failure = { (error: Errno) in
            SandboxError(
                .failed, "cannot write in \(place)", errno: error,
                hint: error == .noSpace
                    ? "make room on the file system of \(place), or \(elsewhere)"
                    : "make \(place) writable, or \(elsewhere)")
        }
        let scratch = try Probe.step(failure) { () throws(Errno) in try ScratchDirectory(in: place) }
        defer { scratch.remove() }
        try Probe.step(failure) { () throws(Errno) in
            let file = try Files.open(
                CString(scratch.path.appending("record")), [.write, .create, .exclusive, .closeOnExec],
                mode: 0o600)
            // What a first record may need, so that a full file system shows.
            try Files.writeAll(file.number, [UInt8](repeating: 0x0a, count: 65_536))
        }
    }

    private static func checkLedger(
        _ directory: LogDirectory, _ state: AbsolutePath, _ user: UInt32
    ) throws(AuditFailure) {
        guard (try? Files.status(CString(directory.ledger))) != nil else { return }
        var random = SystemRandomNumberGenerator()
        let ledger = SessionLedger(
            in: try AuditDirectory(stateHome: state, user: user),
            for: SessionIdentifier(milliseconds: 0, using: &random), durability: .process)
        try ledger.check(clock: Clock.monotonic)
    }

    /// A session goes on from the last entry, whatever stands before it.
    private static func remark(_ directory: LogDirectory) -> String {
        guard let ledger = try? LogFile.ledger(directory.ledger) else { return "" }
        return ledger.isSound ? "" : "; its ledger was changed: mews audit verify --all tells where"
    }

    private static func remedy(for failure: AuditFailure) -> String {
        switch failure {
        case .foreign(let path, _): "give \(path) to the user who runs mews, or \(elsewhere)"
        case .writableByOthers(let path, _): "chmod go-w \(path)"
        case .wrongKind(let path): "move \(path) away, or \(elsewhere)"
        case .ledgerBusy: "end the session that holds it, or try again"
        case .ledgerDamaged(let path):
            "mews audit verify --all tells what is wrong; keep \(path) elsewhere and remove it here"
        default: elsewhere
        }
    }
}
