internal import ArgumentParser
internal import Linux
internal import Sandbox

/// `mews doctor`: what this host can enforce.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Try every layer, and tell what to do about what is missing.",
        discussion: """
            Each check is made for real, in a child that is thrown away; the last one runs a command in the \
            default sandbox, and then one runs with each built-in profile. Instructions are to be pasted as they \
            are. The status is 0 when the default profile can run here, else 1. Where something is `not seen`, it \
            is denied all the same, and the log doesn't tell that it was tried.
            """,
        version: "mews \(Version.number)")

    @Flag(help: "Print a JSON object instead of a table.")
    var json = false
    /// As `mews run` has it, for tests whose host keeps its own device from users.
    @Option(help: .hidden)
    var fuseDevice = "/dev/fuse"

    func run() throws {
        let examination: Examination
        do throws(SandboxError) {
            guard let device = AbsolutePath(fuseDevice) else {
                throw SandboxError(.refused, "--fuse-device needs an absolute path")
            }
            examination = Examination(
                facts: try HostReader.facts(), installation: try Installation(), device: device)
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
        let report = examination.report()
        Output.answer(json ? try report.line() : report.description)
        guard report.level != .none else { throw Outcome.no }
    }
}
