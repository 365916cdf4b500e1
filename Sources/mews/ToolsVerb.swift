internal import Linux
internal import Sandbox

/// Hands a verb that isn't on the launch path to the program that answers it.
enum ToolsVerb {
    /// Becomes that program.
    ///
    /// - Parameters:
    ///   - arguments: the verb and what belongs to it.
    ///   - failure: the status when it can't be started.
    static func run(_ arguments: [[UInt8]], failure: Int32 = 3) -> Never {
        let program: AbsolutePath
        do throws(SandboxError) {
            program = try Installation().tools
        } catch {
            Messages.write(error.description)
            Processes.exitNow(failure)
        }
        let vector = CStringArray([CString("mews")] + arguments.map { CString($0) })
        let environment = CStringArray(Arguments.environment().map { CString($0) })
        let errno = Processes.execute(CString(program), arguments: vector, environment: environment)
        Messages.write("cannot start \(program): \(errno); the installation is incomplete")
        Processes.exitNow(failure)
    }
}
