internal import Linux
internal import Sandbox

extension Examination {
    /// Tries everything and says what came of it.
    func report() -> DoctorReport {
        let checks = probes.map { $0.check() }
        let had = Set(checks.filter(\.ok).map(\.name))
        // What runs is what counts, and without a log nothing does.
        let isWhole = had.isSuperset(of: [Self.whole, Self.log])
        let surroundings = Surroundings(facts)
        let failed = checks.filter { !$0.ok }
        let verdicts = verdicts(isLogged: had.contains(Self.log))
        let missing = Self.missing(failed, isWhole)
        let level = verdicts.first { $0.name == Self.usualProfile }?.level ?? .full
        return DoctorReport(
            version: Version.number, kernel: Self.line(of: "/proc/sys/kernel/osrelease") ?? "unknown",
            container: surroundings.engine, level: isWhole ? level : .none,
            observed: DoctorReport.Observed(
                reads: had.contains(Self.reads), writes: had.contains(Self.writes),
                connections: had.contains(Self.connections)),
            profiles: verdicts,
            missing: missing.map { DoctorReport.Missing(layer: $0, loss: $0.loss) },
            instructions: Advice(
                surroundings: surroundings, program: installation.program, failed: failed,
                missing: Set(missing)
            ).instructions,
            checks: checks)
    }

    private static let usualProfile = "workspace"

    /// Where something runs, only what would not be seen is missing; where nothing does, only what keeps it from that.
    private static func missing(_ failed: [Check], _ isWhole: Bool) -> [Layer] {
        let layers = Set(failed.compactMap(\.layer))
        let remarks: Set<Layer> = [.reads, .writes, .connections, .processes]
        return Layer.allCases.filter { layers.contains($0) && isWhole == remarks.contains($0) }
    }
}
