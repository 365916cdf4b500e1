internal import Linux

/// What of a repository's own files has to be protected or granted for a working tree.
struct GitRepository {
    /// Paths that git outside acts on: configuration that names programs, and hooks.
    var protected: [AbsolutePath] = []
    /// Paths outside the working tree that git needs for writing.
    var writable: [AbsolutePath] = []
    /// Paths outside the working tree that git needs for reading.
    var readable: [AbsolutePath] = []

    /// The most directories below `modules` that are looked at.
    private static let mostModules = 10_000
    private static let notedFiles = ["config", "hooks", "info", "config.worktree", "commondir"]

    /// Notes what of a directory with a repository's own files must not change.
    mutating func protect(_ directory: AbsolutePath) {
        protected += Self.notedFiles.map { directory.appending($0) }
        protected.append(directory.appending("objects").appending("info").appending("alternates"))
        var budget = Self.mostModules
        protectModules(directory.appending("modules"), &budget)
    }

    /// Submodules keep their repositories below `modules`, under names that may have slashes themselves.
    private mutating func protectModules(_ directory: AbsolutePath, _ budget: inout Int) {
        let flags: Files.Flags = [.read, .directory, .noFollow, .closeOnExec]
        guard let descriptor = try? Files.open(CString(directory), flags),
            let entries = try? Files.entries(of: descriptor.number)
        else { return }
        for entry in entries where budget > 0 {
            budget -= 1
            let path = directory.appending(entry.name)
            guard (try? Files.status(CString(path)).isDirectory) == true else { continue }
            let isRepository = ["HEAD", "config", "hooks"].contains {
                (try? Files.status(CString(path.appending($0)))) != nil
            }
            if isRepository {
                protected += Self.notedFiles.map { path.appending($0) }
                protectModules(path.appending("modules"), &budget)
            } else {
                protectModules(path, &budget)
            }
        }
    }
}
