internal import Linux
internal import Profile

/// The level at which a session is made: the highest that this host can hold, and none below what is required.
public struct LevelChoice: Sendable {
    /// How the session is held.
    public let construction: Construction
    /// Why it isn't held at the highest level; nil when it is.
    public let shortfall: SandboxError?

    /// Chooses.
    ///
    /// Namespaces are tried only where less would do as well: a launch that needs them finds out by itself.
    ///
    /// - Parameters:
    ///   - inputs: all but the construction, the filter, and what is published.
    ///   - nesting: the sandbox around this process, if it is in one: then that one's level holds, and nothing but a
    ///     narrowing is added.
    /// - Throws: `missingLayer` when what is required can't be had, and the lines that stand in the way of the level
    ///   that could.
    public init(for inputs: SandboxPlan.Inputs, within nesting: Nesting?) throws(LaunchError) {
        let required = inputs.policy.require.value
        let landlock = inputs.kernel.landlockError.map { Remedy.landlock($0) }
        if let nesting {
            if let landlock { throw .sandbox(landlock) }
            if nesting.level < required {
                throw .sandbox(
                    SandboxError(
                        .refused,
                        "the sandbox around this one holds the level \(nesting.level), and not \(required)",
                        origin: inputs.policy.require.origin, hint: "require \(nesting.level), or less"))
            }
            let unheld = UnheldLines.find(inputs.policy, inputs.view, within: nesting)
            guard unheld.isEmpty else { throw .unheld(Self.refusal(within: unheld.count), unheld) }
            construction = .nested(nesting.level)
            shortfall = nil
            return
        }
        if required == .landlock, let failure = Self.trialFailure(inputs) {
            try Self.refuseShortage(failure)
            try Self.requireLandlock(landlock, beside: failure)
            let unheld = UnheldLines.find(inputs.policy, inputs.view)
            guard unheld.isEmpty else { throw .unheld(Self.refusal(failure, unheld.count), unheld) }
            construction = .landlock
            shortfall = failure
            return
        }
        if required != .landlock {
            do throws(SandboxError) {
                try KernelProbe.requireUserNamespaces()
            } catch {
                throw .sandbox(Self.completing(error, inputs))
            }
        }
        if let landlock, required == .full {
            let failure = Self.trialFailure(inputs)
            throw .sandbox(failure == nil ? landlock.offering(.namespaces) : landlock)
        }
        construction = .namespaces(landlock: landlock == nil)
        shortfall = landlock
    }

    private static func trialFailure(_ inputs: SandboxPlan.Inputs) -> SandboxError? {
        do throws(SandboxError) {
            try KernelProbe.requireUserNamespaces()
        } catch {
            return error
        }
        var trial = inputs
        trial.construction = .namespaces(landlock: false)
        trial.terminal = nil
        trial.reads = .off
        trial.filter = []
        return NamespaceTrial.failure(of: SandboxPlan(trial))
    }

    /// What a busy host lacks for a moment is no layer that is missing: whoever can bring about the shortage, by
    /// processes or open files, would choose the level.
    private static func refuseShortage(_ failure: SandboxError) throws(LaunchError) {
        let shortages: [Errno] = [.again, .noMemory, .tooManyFiles, .tooManyFilesOnHost]
        guard let errno = failure.errno, shortages.contains(errno) else { return }
        throw .sandbox(
            SandboxError(
                .failed, "cannot tell whether there are namespaces", errno: errno,
                hint: "try again when fewer processes and files of yours are open"))
    }

    private static func requireLandlock(
        _ landlock: SandboxError?, beside failure: SandboxError
    ) throws(LaunchError) {
        guard let landlock else { return }
        throw .unheld(failure, [landlock])
    }

    private static func refusal(_ failure: SandboxError, _ count: Int) -> SandboxError {
        SandboxError(
            .refused,
            "the level landlock can't hold \(count == 1 ? "a line" : "\(count) lines") of the profile",
            hint: "and a higher one can't be had: \(failure)")
    }

    private static func refusal(within count: Int) -> SandboxError {
        SandboxError(
            .refused,
            "within a sandbox \(count == 1 ? "a line" : "\(count) lines") of the profile can't be added",
            hint: "what it grants can be narrowed to less, but nothing be kept out of a part of it")
    }

    /// Adds to the failure of a launch the level that would have done, where one would.
    ///
    /// - Parameters:
    ///   - error: why nothing was started.
    ///   - inputs: what was to be started.
    /// - Returns: the error, perhaps with a longer hint.
    public static func completing(_ error: SandboxError, _ inputs: SandboxPlan.Inputs) -> SandboxError {
        guard error.code == .missingLayer, inputs.construction.hasNamespaces,
            inputs.policy.require.value > .landlock, inputs.kernel.landlockVersion > 0,
            error.layer == .namespaces,
            UnheldLines.find(inputs.policy, inputs.view).isEmpty
        else { return error }
        return error.offering(.landlock)
    }

    /// What is said when the level isn't the highest; nil when it is.
    public var notice: String? {
        guard let shortfall else { return nil }
        let reason = shortfall.errno.map { "\(shortfall.problem): \($0)" } ?? shortfall.problem
        return "level \(construction.level): \(Self.loss(construction.level)) (\(reason))"
    }

    private static func loss(_ level: Level) -> String {
        switch level {
        case .full: ""
        case .namespaces: "there is no second wall behind the mounts"
        case .landlock:
            "other processes and the names of files can be seen, there is no /tmp of its own, and denied reads "
                + "aren't seen"
        }
    }
}
