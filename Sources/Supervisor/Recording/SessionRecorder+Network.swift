internal import Audit
internal import Linux
internal import Network
internal import Profile

extension SessionRecorder {
    /// Writes what was asked of the network. A program that was refused something still waits for the answer, unless
    /// the kernel has given it.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - process: who did it; nil when it couldn't be told.
    mutating func record(_ event: NetworkEvent, by process: AuditedProcess?) {
        let explanation = explained.explanation(of: event, in: facts.policy.network)
        count(event, explanation, by: process)
        append(event, by: process) {
            NetworkActivity(
                event, process: process, rule: explanation.rule,
                message: explanation.sentence(process.map(\.titleWithNumber) ?? Self.unknown),
                fix: explanation.fix)
        }
    }

    private static var unknown: String { "A process that couldn't be told" }

    private mutating func count(
        _ event: NetworkEvent, _ explanation: NetworkExplanation, by process: AuditedProcess?
    ) {
        switch event.kind {
        case .allowed: network.connected(to: explanation.place)
        case .closed: network.moved(event.sent, event.received, at: explanation.place)
        case .failed: break
        case .denied, .nameDenied:
            network.refused(explanation.place)
            // Without the number, so that many processes of one program are one line.
            tally.add(
                .network, explanation.sentence(process?.title ?? Self.unknown), rule: explanation.rule?.line,
                fix: explanation.fix)
        }
    }
}

extension AuditedProcess {
    /// What it is called in a sentence, with its number inside.
    fileprivate var titleWithNumber: String { process == 0 ? title : "\(title) (pid \(process))" }
}
