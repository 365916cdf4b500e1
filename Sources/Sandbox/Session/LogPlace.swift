public import Linux
internal import Profile

/// Where a session's log is written: always outside of what the session can reach.
public struct LogPlace: Sendable {
    /// `$XDG_STATE_HOME/mews/audit`, by a path without links: the logs, and the ledger of sessions.
    public let directory: AbsolutePath
    /// The file that the user named, by a path without links; nil for one in the directory.
    public let file: AbsolutePath?
    /// Whether there is one. Within another sandbox there is no place that the command couldn't reach as well; what is
    /// seen of it stands in the log of that sandbox.
    public let isKept: Bool

    private static let hint = "set XDG_STATE_HOME to a directory of yours outside the workspace"

    /// Finds the place, and makes the directory unless that is only asked about.
    ///
    /// Before the view is laid out, because only what exists can be masked in it.
    ///
    /// - Parameters:
    ///   - argument: the value of `--audit-log`.
    ///   - facts: whose log it is.
    ///   - changesHost: whether directories are made.
    /// - Throws: `refused` without a place, `failed` when it can't be made.
    init(_ argument: [UInt8]?, _ facts: HostFacts, changesHost: Bool) throws(SandboxError) {
        guard let state = Self.stateDirectory(facts) else {
            throw SandboxError(
                .refused, "there is no place for the log: there is no home directory", hint: Self.hint)
        }
        let wanted = state.appending("mews").appending("audit")
        directory = changesHost ? try Self.make(wanted) : wanted
        isKept = true
        file = try argument.map { (argument) throws(SandboxError) in
            try Self.file(argument, from: facts.currentDirectory)
        }
    }

    /// A place below a directory of state that isn't the user's own, as for a session that only tries whether one
    /// can be had.
    ///
    /// - Throws: `failed` when it can't be made.
    public init(stateHome: AbsolutePath) throws(SandboxError) {
        directory = try Self.make(stateHome.appending("mews").appending("audit"))
        file = nil
        isKept = true
    }

    /// No place at all: within another sandbox.
    ///
    /// - Throws: `refused` when one is asked for.
    init(within argument: [UInt8]?) throws(SandboxError) {
        guard argument == nil else {
            throw SandboxError(
                .refused, "there is no log of its own within a sandbox",
                hint:
                    "leave --audit-log out: the log of the session around it has what is seen of the command")
        }
        directory = .root
        file = nil
        isKept = false
    }

    /// The user's directory of state: the variable's value if it is absolute, else its place below the home
    /// (XDG Base Directory Specification).
    static func stateDirectory(_ facts: HostFacts) -> AbsolutePath? {
        if let value = facts.value(of: "XDG_STATE_HOME"), let path = AbsolutePath(value) { return path }
        return facts.home?.appending(".local").appending("state")
    }

    private static func make(_ path: AbsolutePath) throws(SandboxError) -> AbsolutePath {
        do throws(Errno) {
            let missing = Files.missingDirectories(to: path)
            // A home that isn't there is a mistake in the environment, and root would fill / with such mistakes.
            if let highest = missing.last, highest.depth == 1 { throw .noEntry }
            try Files.makeDirectories(missing, mode: 0o700)
            let place = try Files.open(CString(path), [.pathOnly, .directory, .closeOnExec])
            let name = try Files.readLink(CString("/proc/self/fd/\(place.number)"))
            guard let real = AbsolutePath(name) else { throw .noEntry }
            return real
        } catch {
            throw SandboxError(
                .failed, "cannot make the directory \(path) for the log", errno: error, hint: hint)
        }
    }

    private static func file(
        _ argument: [UInt8], from current: AbsolutePath
    ) throws(SandboxError) -> AbsolutePath {
        let cut = argument.lastIndex(of: UInt8(ascii: "/"))
        let name = cut.map { Array(argument[($0 + 1)...]) } ?? argument
        let parent = cut.map { Array(argument[...$0]) } ?? Array(".".utf8)
        guard AbsolutePath.isComponent(name) else {
            throw SandboxError(
                .refused, "--audit-log \(PrintableText.escape(argument)) doesn't name a file")
        }
        return try WorkspaceFinder.directory(parent, from: current, "directory of --audit-log").appending(
            name)
    }

    /// - Throws: `refused` when the command could reach the log.
    func requireOutside(_ view: View) throws(SandboxError) {
        for place in [file, directory].compactMap({ $0 }) {
            guard let mount = view.mount(of: place), case .host = mount.source else { continue }
            throw SandboxError(
                .refused, "the log would lie in \(mount.destination), which the command can read",
                origin: mount.origin,
                hint: place == file ? "name a file outside with --audit-log" : Self.hint)
        }
    }
}
