internal import Audit
internal import Linux

/// Holds logs against what is known of them.
struct Verification {
    /// One log, or the one that isn't there.
    struct Item {
        /// Where the log is or should be.
        let log: AbsolutePath
        /// What came of it; nil when it can't be read.
        let verdict: Verdict?
        /// Why it can't be read.
        var problem: Errno?
    }

    /// What the logs are held against, if there is one.
    let ledger: Ledger?
    let checkpoints: [Checkpoint]

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - log: where it is.
    ///   - session: whose log it has to be; nil: that of its first record.
    ///   - isBesideLedger: whether the ledger has to know it.
    /// - Returns: what came of it, also when there is no log.
    func item(_ log: AbsolutePath, session: String?, isBesideLedger: Bool) -> Item {
        var verifier = LogVerifier(session: session, ledger: ledger, checkpoints: checkpoints)
        var report: LogReport?
        do throws(Errno) {
            let file = try LogFile(log)
            while true {
                let bytes = try file.next()
                if bytes.isEmpty { break }
                verifier.append(bytes)
            }
            report = verifier.finished()
        } catch {
            guard error == .noEntry else { return Item(log: log, verdict: nil, problem: error) }
        }
        let verdict = Verdict(
            session: session, report: report, ledger: ledger, isBesideLedger: isBesideLedger)
        return Item(log: log, verdict: verdict)
    }

    /// Every session of a directory, oldest first: those with a log, those of the ledger, and those of which
    /// somebody holds a checkpoint.
    ///
    /// - Throws: `undecided` after saying why.
    func items(of directory: LogDirectory) throws(Outcome) -> [Item] {
        let sessions = try directory.sessions(ledger)
        let known = Set(sessions.map(\.name))
        let held = Set(checkpoints.compactMap(\.session)).subtracting(known).sorted()
        let all = sessions + held.map { LogDirectory.Session(name: $0, log: directory.log(of: $0)) }
        return all.map { session in
            item(
                session.log, session: session.name,
                isBesideLedger: session.log == directory.log(of: session.name))
        }
    }
}
