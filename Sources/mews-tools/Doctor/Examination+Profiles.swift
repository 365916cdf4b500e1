internal import Linux
internal import Profile
internal import Sandbox
internal import Supervisor

extension Examination {
    /// Runs a command with each built-in profile, by name, as it is without further options.
    ///
    /// - Parameter isLogged: whether a log can be begun, without which nothing runs.
    /// - Returns: what came of each.
    func verdicts(isLogged: Bool) -> [ProfileVerdict] {
        let context = Preparation.context(facts, facts.currentDirectory, installation)
        let names = ProfileNames.all(context: context, list: ProfileFiles.names(in:))
            .filter { $0.kind == .builtIn }.map(\.name)
        guard isLogged else { return names.map { Self.unheld($0, "no log can be begun") } }
        var verdicts: [ProfileVerdict] = []
        var isSilent = false
        for name in names {
            // One that gives no answer costs seconds, and the next would cost as many.
            let begun = Clock.monotonic()
            verdicts.append(
                isSilent ? Self.unheld(name, "not tried: there was no answer before") : verdict(on: name))
            if Clock.monotonic() - begun >= Self.patience { isSilent = true }
        }
        return verdicts
    }

    /// Nanoseconds; a loaded machine takes a tenth of it.
    private static let patience: Int64 = 7_000_000_000

    private static func unheld(_ name: String, _ reason: String) -> ProfileVerdict {
        ProfileVerdict(name: name, level: .none, least: .none, reason: reason)
    }

    private func verdict(on name: String) -> ProfileVerdict {
        let begun = Clock.monotonic()
        let usual = trial(of: name, nil)
        if let level = DoctorReport.Level(rawValue: usual.answer), usual.ok {
            return ProfileVerdict(name: name, level: level, least: level, reason: "")
        }
        guard Clock.monotonic() - begun < Self.patience else { return Self.unheld(name, usual.answer) }
        let lower = trial(of: name, .landlock)
        let least = lower.ok ? DoctorReport.Level(rawValue: lower.answer) : nil
        return ProfileVerdict(name: name, level: .none, least: least ?? .none, reason: usual.answer)
    }

    /// Its answer is the level.
    private func trial(of name: String, _ require: Level?) -> Check {
        Probe.check(name, nil) { () throws(SandboxError) in
            try TrialRun.inThrowAwayChild(
                self, ["/bin/true"], profile: name, require: require, usualReads
            ) { (trial) throws(SandboxError) in
                // What the profile lets be executed isn't the question.
                if case .notExecuted = trial.ending { return "\(trial.level)" }
                _ = try trial.status()
                return "\(trial.level)"
            }
        }
    }
}
