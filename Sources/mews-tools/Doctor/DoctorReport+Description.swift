extension DoctorReport: CustomStringConvertible {
    /// What was tried; what is missing, what that costs and what to do about it, each once; the profiles; the level.
    var description: String {
        var rows = [["check", "result", "answer"]]
        rows += checks.map { [$0.name, $0.state.rawValue, $0.answer] }
        return TextTable(rows).description + losses + remedies + pasted + levels
            + "\nmews \(version), Linux \(kernel): level \(level.rawValue)\(unseen)\n"
    }

    private var losses: String {
        missing.map { "\nwithout \($0.layer.rawValue): \($0.loss)\n" }.joined()
    }

    private var remedies: String {
        let failed = checks.filter { !$0.ok }
        var text = ""
        var told: Set<String> = []
        for check in failed where !check.remedy.isEmpty && told.insert(check.remedy).inserted {
            let names = failed.filter { $0.remedy == check.remedy }.map(\.name)
            text += "\nremedy for: \(names.joined(separator: ", ")):\n  \(check.remedy)\n"
        }
        return text
    }

    /// Each line by itself and without anything before it, so that all of them can be taken at once.
    private var pasted: String {
        instructions.map { instruction in
            "\n\(instruction.title)\(instruction.lines.isEmpty ? "." : ":")\n"
                + instruction.lines.map { "\($0)\n" }.joined()
        }.joined()
    }

    private var levels: String {
        var rows = [["profile", "level", "--require landlock"]]
        rows += profiles.map { profile in
            let cells = [profile.name, profile.level.rawValue, profile.least.rawValue]
            return profile.reason.isEmpty ? cells : cells + [profile.reason]
        }
        return "\n" + TextTable(rows).description
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
