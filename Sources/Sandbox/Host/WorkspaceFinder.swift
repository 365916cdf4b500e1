public import Linux

/// Finds the directory that a session works in.
public enum WorkspaceFinder {
    /// The named directory, or the nearest one upwards that holds `.git`, or the current one.
    ///
    /// - Parameters:
    ///   - argument: the value of `-w`.
    ///   - facts: the current directory and the home.
    /// - Returns: a path without links.
    /// - Throws: `refused` for a directory whose grant would be a grant of everything: `/`, the home
    ///   directory, and what lies above it; `failed` when it can't be looked for a repository.
    public static func find(_ argument: [UInt8]?, _ facts: HostFacts) throws(SandboxError) -> AbsolutePath {
        let workspace: AbsolutePath
        if let argument {
            workspace = try directory(argument, from: facts.currentDirectory, "workspace")
        } else {
            workspace = try nearestRepository(from: facts.currentDirectory) ?? facts.currentDirectory
        }
        try refuseTooWide(workspace, facts)
        return workspace
    }

    /// A directory named on the command line, by a path without links.
    public static func directory(
        _ argument: [UInt8], from current: AbsolutePath, _ what: String
    ) throws(SandboxError) -> AbsolutePath {
        let shown = PrintableText.escape(argument)
        do throws(Errno) {
            // The kernel resolves `..` and links; asking it where that led keeps both out of our hands.
            guard !argument.isEmpty, !argument.contains(0) else { throw .noEntry }
            let place = try Files.open(CString(argument), [.pathOnly, .directory, .closeOnExec])
            let name = try Files.readLink(CString("/proc/self/fd/\(place.number)"))
            guard let path = AbsolutePath(name) else { throw .noEntry }
            return path
        } catch {
            throw SandboxError(
                .refused, "the \(what) \(shown) isn't a directory that can be reached", errno: error)
        }
    }

    /// Where it can't be looked for nothing is known: with another workspace other files would be protected.
    private static func nearestRepository(
        from directory: AbsolutePath
    ) throws(SandboxError) -> AbsolutePath? {
        for candidate in [directory] + directory.ancestors {
            do throws(Errno) {
                if try Files.statusIfThere(CString(candidate.appending(".git"))) != nil { return candidate }
            } catch {
                throw SandboxError(
                    .failed, "cannot look for a repository in \(candidate)", errno: error,
                    hint: "name the workspace with -w DIR")
            }
        }
        return nil
    }

    private static func refuseTooWide(_ workspace: AbsolutePath, _ facts: HostFacts) throws(SandboxError) {
        var homes: [AbsolutePath] = []
        if let home = facts.home {
            homes.append(home)
            let real = try? directory(home.bytes, from: facts.currentDirectory, "home")
            if let real, real != home { homes.append(real) }
        }
        guard workspace.isRoot || homes.contains(where: { workspace.contains($0) }) else { return }
        throw SandboxError(
            .refused,
            workspace.isRoot
                ? "the workspace can't be /" : "the workspace \(workspace) is or holds the home directory",
            hint: "change into the project's directory, or name it with -w DIR")
    }
}
