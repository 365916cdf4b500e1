public import Profile

/// Why nothing was started.
public enum LaunchError: Error, Sendable {
    /// The profiles or options are wrong, each place with its own line.
    case profile([Diagnostic])
    /// The sandbox can't be built as asked.
    case sandbox(SandboxError)
    /// The sandbox can't be built as asked, for each of these reasons.
    case unheld(SandboxError, [SandboxError])

    /// One line for each thing that is wrong.
    public var lines: [String] {
        switch self {
        case .profile(let diagnostics): diagnostics.map(\.description)
        case .sandbox(let error): [error.description]
        case .unheld(let error, let reasons): [error.description] + reasons.map(\.description)
        }
    }
}
