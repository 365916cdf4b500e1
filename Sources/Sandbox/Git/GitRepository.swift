internal import Linux

/// What of a repository's own files has to be protected or granted for a working tree.
struct GitRepository {
    /// Paths that git outside acts on: configuration that names programs, and hooks.
    var protected: [AbsolutePath] = []
    /// Paths outside the working tree that git needs for writing.
    var writable: [AbsolutePath] = []
    /// Paths outside the working tree that git needs for reading.
    var readable: [AbsolutePath] = []

    /// Places that can't be looked at, and why: something that git outside acts on may be in them.
    private(set) var unread: [(place: AbsolutePath, errno: Errno)] = []

    /// Whether everything was looked at; otherwise something that git outside acts on may have been missed.
    private(set) var isComplete = true

    private var budget: Int
    private static let notedFiles = ["config", "hooks", "info", "config.worktree", "commondir"]
    private static let ownDirectories = ["objects", "refs", "logs", "hooks", "info"]

    /// The most entries below `modules` that are looked at.
    static let mostEntries = 10_000

    init(limit: Int = mostEntries) {
        budget = limit
    }

    /// Notes what of a directory with a repository's own files must not change.
    mutating func protect(_ directory: AbsolutePath) {
        protected += Self.notedFiles.map { directory.appending($0) }
        protected.append(directory.appending("objects").appending("info").appending("alternates"))
        protectModules(directory.appending("modules"))
    }

    /// Submodules keep their repositories below `modules`, under names that may have slashes themselves, and
    /// each may have `modules` of its own.
    ///
    /// What looks like a repository is searched as well: a command could make `modules/lib` look like one
    /// by a file of its own, and `modules/lib/foo` would be passed over in the next session.
    private mutating func protectModules(_ directory: AbsolutePath) {
        let flags: Files.Flags = [.read, .directory, .noFollow, .closeOnExec]
        let entries: [DirectoryEntry]
        do throws(Errno) {
            let descriptor = try Files.open(CString(directory), flags)
            entries = try Files.entries(of: descriptor.number)
        } catch {
            // No modules, which is usual, or a link out of the repository.
            if ![.noEntry, .notDirectory, .loop].contains(error) { unread.append((directory, error)) }
            return
        }
        for entry in entries {
            guard budget > 0 else {
                isComplete = false
                return
            }
            budget -= 1
            let path = directory.appending(entry.name)
            guard status(path)?.isDirectory == true else { continue }
            let isRepository = ["HEAD", "config", "hooks"].contains { status(path.appending($0)) != nil }
            if isRepository {
                protected += Self.notedFiles.map { path.appending($0) }
            } else if Self.ownDirectories.contains(where: { entry.name.elementsEqual($0.utf8) }) {
                continue
            }
            protectModules(path)
        }
    }

    private mutating func status(_ path: AbsolutePath) -> FileStatus? {
        do throws(Errno) {
            return try Files.statusIfThere(CString(path))
        } catch {
            unread.append((path, error))
            return nil
        }
    }
}
