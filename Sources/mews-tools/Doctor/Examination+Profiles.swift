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
        guard isLogged else {
            return names.map { ProfileVerdict(name: $0, level: .none, reason: "no log can be begun") }
        }
        var verdicts: [ProfileVerdict] = []
        var isSilent = false
        for name in names {
            // One that gives no answer costs seconds, and the next would cost as many.
            let begun = Clock.monotonic()
            verdicts.append(
                isSilent
                    ? ProfileVerdict(
                        name: name, level: .none, reason: "not tried: there was no answer before")
                    : verdict(on: name))
            if Clock.monotonic() - begun >= Self.patience { isSilent = true }
        }
        return verdicts
    }

    /// Nanoseconds; a loaded machine takes a tenth of it.
    private static let patience: Int64 = 7_000_000_000

    private func verdict(on name: String) -> ProfileVerdict {
        let check = Probe.check(name, nil) { () throws(SandboxError) in
            try TrialRun.inThrowAwayChild(self, ["/bin/true"], profile: name, usualReads) {
                (trial) throws(SandboxError) in
                // What the profile lets be executed isn't the question.
                if case .notExecuted = trial.ending { return "" }
                _ = try trial.status()
                return ""
            }
        }
        return ProfileVerdict(
            name: name, level: check.ok ? .full : .none, reason: check.ok ? "" : check.answer)
    }
}
