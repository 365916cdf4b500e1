public import Linux

/// What runs in the sandbox, in the form in which execve(2) takes it.
public struct Command: Sendable {
    /// The program, as given.
    public let name: [UInt8]
    /// Where the program may lie, tried in this order, inside the view.
    public let candidates: [CString]
    /// The arguments with the program's own name first.
    public let arguments: [CString]

    /// A program and its arguments.
    ///
    /// A name without a slash is looked for along `path`, in the view and not on the host: what the host
    /// finds there says nothing about what the sandbox shows.
    public init(_ arguments: [[UInt8]], path: [UInt8]?) {
        let name = arguments.first ?? []
        self.name = name
        self.arguments = arguments.map { CString($0) }
        if name.contains(UInt8(ascii: "/")) || name.isEmpty {
            candidates = [CString(name)]
        } else {
            let directories = (path ?? Array(Self.usualPath.utf8))
                .split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: true)
            candidates = directories.map { CString($0 + [UInt8(ascii: "/")] + name) }
        }
    }

    /// Becomes the command: execvp(3)'s search, without its fallback to a shell. What isn't executable stays that.
    ///
    /// - Parameter environment: its variables.
    /// - Returns: only when that failed; ENOENT means that there is no such program.
    public func execute(_ environment: [CString]) -> Errno {
        let arguments = CStringArray(arguments)
        let variables = CStringArray(environment)
        var answer = Errno.noEntry
        for candidate in candidates {
            let errno = Processes.execute(candidate, arguments: arguments, environment: variables)
            switch errno {
            case .noEntry, .notDirectory:
                continue
            case .accessDenied:
                answer = errno
            default:
                return errno
            }
        }
        return answer
    }

    /// Where programs are looked for when the environment has no PATH.
    public static let usualPath = "/usr/local/bin:/usr/bin:/bin"
}
