internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews doctor`: what this host can enforce.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Try every layer, and tell what to do about what is missing.",
        discussion: """
            Each check is made for real, in a child that is thrown away; the last one runs a command in the \
            default sandbox. The status is 0 when the level `full` can be had, else 1.
            """,
        version: "mews \(Version.number)")

    @Flag(help: "Print a JSON object instead of a table.")
    var json = false

    func run() throws {
        let examination: Examination
        do throws(SandboxError) {
            examination = Examination(facts: try HostReader.facts(), installation: try Installation())
        } catch {
            Output.complain(error.description)
            throw Outcome.undecided
        }
        // The children go on in Swift after the clone, which is only sound when no other thread can have held
        // a lock at that moment.
        guard (try? Processes.isSingleThreaded()) == true else {
            Output.complain("cannot try anything: this process has more than one thread")
            throw Outcome.undecided
        }
        let checks = examination.probes.map { $0.check() }
        // What runs is what counts: a check that fails beside it is a remark.
        let isWhole = checks.contains { $0.name == Examination.whole && $0.ok }
        let report = DoctorReport(
            version: Version.number, kernel: Examination.line(of: "/proc/sys/kernel/osrelease") ?? "unknown",
            level: isWhole ? .full : .none, checks: checks)
        Output.answer(json ? try report.json() : report.description)
        guard isWhole else { throw Outcome.no }
    }
}
