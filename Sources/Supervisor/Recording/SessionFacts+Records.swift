internal import Audit
internal import Linux
internal import Profile
internal import Sandbox

extension SessionFacts {
    /// What stands in every record.
    func owner(_ host: HostRecord) -> AuditOwner {
        AuditOwner(
            session: identifier, programVersion: Version.number,
            userName: PrintableText.escape(self.host.userName), user: self.host.user,
            hostName: PrintableText.escape(host.hostName))
    }

    /// How the log is written.
    var settings: AuditSettings {
        AuditSettings(
            durability: policy.audit.durability.value == .power ? .power : .process,
            onFailure: policy.audit.onFailure.value == .gap ? .gap : .stop)
    }

    /// The policy by the digests of its canonical form and of its files, which take time: made while the child
    /// builds.
    func auditedPolicy() -> AuditedPolicy {
        AuditedPolicy(
            name: policy.name, digest: SHA256.digest(of: policy.canonicalForm),
            files: policy.files.map { file in
                AuditedPolicy.File(
                    name: file.name, path: file.path.bytes, digest: SHA256.digest(of: file.content))
            })
    }

    /// The texts that are replaced wherever they stand.
    var redacted: [[UInt8]] { policy.audit.redact.map { Array($0.value.utf8) } }

    /// The first record.
    func start(_ host: HostRecord, _ policy: AuditedPolicy, observesWrites: Bool) -> SessionStart {
        var random = SystemRandomNumberGenerator()
        var start = SessionStart(
            policy: policy, kernelRelease: PrintableText.escape(host.kernelRelease),
            landlockVersion: Int(landlockVersion), level: "\(construction.level)",
            observation: SessionStart.Observation(
                reads: reads == .off ? .off : .fuse, writes: observesWrites ? .notify : .off),
            workspace: workspace.bytes, workingDirectory: workingDirectory.bytes,
            arguments: command.arguments.map(\.bytes),
            nonce: (0..<4).flatMap { _ in Self.bytes(of: random.next()) })
        if self.policy.audit.level.value == .commands {
            start.observation.commands = observesWrites ? .notify : .off
        }
        // Without a network namespace there is no network, and nothing to see of it.
        if construction.hasNamespaces { start.observation.packets = .socket }
        start.repository = repository
        start.agent = agent
        start.traceParent = self.host.value(of: "TRACEPARENT")
        start.redacted = redacted
        return start
    }

    private static func bytes(of word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }

    /// A file takes a microsecond. So many take as long as a slow machine is given for them; with more nothing is
    /// begun that would end without an answer.
    private static let repositoryLimits = RepositoryState.Limits(time: 2_000_000, entries: 1000)

    private var repository: SessionStart.Repository? {
        guard let state = RepositoryState(of: workspace, user: host.user, limits: Self.repositoryLimits)
        else { return nil }
        let isDirty: Bool? =
            switch state.trackedFiles {
            case .clean: false
            case .changed: true
            case .unknown: nil
            }
        return SessionStart.Repository(
            url: state.remote, commit: state.commit.map { PrintableText.escape($0) }, branch: state.branch,
            isDirty: isDirty)
    }
}
