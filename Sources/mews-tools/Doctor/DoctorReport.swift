/// The doctor's answer.
struct DoctorReport: Encodable {
    /// The strongest level that this host can hold: `full` or `none`; the ones between aren't in this version.
    enum Level: String, Encodable {
        case full
        case none
    }

    /// What of the denials the log can tell.
    struct Observed: Encodable {
        let reads: Bool
        /// System calls included.
        let writes: Bool
        /// To where nobody listens; all others are.
        let connections: Bool
    }

    /// The version of Mews.
    let version: String
    /// The release of the kernel.
    let kernel: String
    let level: Level
    let observed: Observed
    let checks: [Check]
}

extension DoctorReport: CustomStringConvertible {
    /// A table, then the remedies, each once.
    var description: String {
        var rows = [["check", "result", "answer"]]
        rows += checks.map { [$0.name, $0.state.rawValue, $0.answer] }
        var text = TextTable(rows).description
        let failed = checks.filter { !$0.ok }
        var told: Set<String> = []
        for check in failed where !check.remedy.isEmpty && told.insert(check.remedy).inserted {
            let names = failed.filter { $0.remedy == check.remedy }.map(\.name)
            text += "\nremedy for: \(names.joined(separator: ", ")):\n  \(check.remedy)\n"
        }
        return text + "\nmews \(version), Linux \(kernel): level \(level.rawValue)\(unseen)\n"
    }

    /// What the log won't tell, behind the level.
    private var unseen: String {
        let missing = [
            observed.reads ? nil : "denied reads", observed.writes ? nil : "denied writes and system calls",
            observed.connections ? nil : "connections to where nobody listens",
        ].compactMap { $0 }
        return missing.isEmpty ? "" : "; \(missing.joined(separator: ", ")) aren't seen"
    }
}
