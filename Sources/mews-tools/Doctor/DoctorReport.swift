internal import FoundationEssentials

/// The doctor's answer.
struct DoctorReport: Encodable {
    /// The strongest level that this host can hold: `full` or `none`; the ones between aren't in this version.
    enum Level: String, Encodable {
        case full
        case none
    }

    /// The version of Mews.
    let version: String
    /// The release of the kernel.
    let kernel: String
    let level: Level
    let checks: [Check]

    /// As one object, its members in alphabetical order.
    ///
    /// - Returns: a line of JSON.
    /// - Throws: never for what it holds.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension DoctorReport: CustomStringConvertible {
    /// A table, then the remedies, each once.
    var description: String {
        var rows = [["check", "result", "answer"]]
        rows += checks.map { [$0.name, $0.ok ? "yes" : "no", $0.answer] }
        var text = TextTable(rows).description
        let failed = checks.filter { !$0.ok }
        var told: Set<String> = []
        for check in failed where !check.remedy.isEmpty && told.insert(check.remedy).inserted {
            let names = failed.filter { $0.remedy == check.remedy }.map(\.name)
            text += "\nremedy for \(names.joined(separator: ", ")):\n  \(check.remedy)\n"
        }
        return text + "\nmews \(version), Linux \(kernel): level \(level.rawValue)\n"
    }
}
