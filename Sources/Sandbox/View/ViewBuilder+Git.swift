internal import Linux
internal import Profile

extension ViewBuilder {
    /// Protects the repository of every tree that can be written: git outside runs what its configuration
    /// and its hooks name.
    mutating func addRepositories() throws(SandboxError) {
        let trees = rules.filter { $0.kind == .grant(.write) && $0.status?.isDirectory == true }
        for tree in trees { try addRepository(of: tree.path, tree.origin) }
        // A linked worktree or submodule that may only be read still needs the repository for reading.
        if policy.fileSystem.workspace.value == .read {
            try addRepository(of: workspace, policy.fileSystem.workspace.origin, writable: false)
        }
    }

    private mutating func addRepository(
        of tree: AbsolutePath, _ origin: Origin, writable: Bool = true
    ) throws(SandboxError) {
        let place = tree.appending(".git")
        guard let status = try protectedStatus(place, origin) else {
            if writable { try addBareRepository(tree, origin) }
            return
        }
        switch status.kind {
        case .directory:
            guard writable else { return }
            try requireConfiguration(place, origin)
            var repository = GitRepository()
            repository.protect(place)
            try addProtected(repository, origin)
        case .regular:
            try addLink(place, origin, writable: writable)
        default:
            throw SandboxError(
                .refused, "\(place) is neither a directory nor a file", origin: origin,
                hint: "Mews can't protect a repository behind a link; make it a worktree or a directory")
        }
    }

    /// A tree that is itself a repository, as a remote is.
    private mutating func addBareRepository(_ tree: AbsolutePath, _ origin: Origin) throws(SandboxError) {
        for mark in ["HEAD", "objects", "refs"] {
            guard try protectedStatus(tree.appending(mark), origin) != nil else { return }
        }
        var repository = GitRepository()
        repository.protect(tree)
        try addProtected(repository, origin)
    }

    /// Without a configuration or a directory of hooks there would be nothing to mount a protection on, and
    /// the command could bring its own.
    private mutating func requireConfiguration(_ git: AbsolutePath, _ origin: Origin) throws(SandboxError) {
        guard try protectedStatus(git.appending("HEAD"), origin) != nil else { return }
        guard try protectedStatus(git.appending("config"), origin) != nil else {
            throw SandboxError(
                .refused, "\(git) has no config file, and the command could write one", origin: origin,
                hint: "make an empty one")
        }
        let hooks = git.appending("hooks")
        guard changesHost else {
            if try protectedStatus(hooks, origin) == nil {
                skipped.append(SkippedRule(written: "\(hooks)", origin: origin, reason: Self.wouldBeMade))
            }
            return
        }
        do throws(Errno) {
            try Files.makeDirectory(CString(hooks), mode: 0o755)
        } catch {
            // git's own template has it, so it stays when it is made here.
            if error != .exists {
                throw SandboxError(
                    .failed, "cannot make \(hooks), which has to be protected", errno: error,
                    origin: origin)
            }
        }
    }

    private mutating func addLink(
        _ file: AbsolutePath, _ origin: Origin, writable: Bool
    ) throws(SandboxError) {
        if writable { try addProtected([file]) }
        let link: GitLink
        do throws(GitLink.Refusal) {
            link = try GitLink(at: file, user: facts.user)
        } catch {
            skipped.append(
                SkippedRule(
                    written: "\(file)", origin: origin,
                    reason: "it grants no repository: \(error.reason)", isNews: true))
            return
        }
        var repository = GitRepository()
        if let common = link.common {
            for name in ["gitdir", "commondir"] {
                repository.protected.append(link.directory.appending(name))
            }
            repository.readable.append(common)
            repository.writable += ["objects", "refs", "logs", "packed-refs"].map { common.appending($0) }
            repository.protect(common)
        }
        repository.writable.append(link.directory)
        repository.protect(link.directory)
        for path in repository.readable { try addGitPath(path, .grant(.read)) }
        for path in repository.writable { try addGitPath(path, .grant(writable ? .write : .read)) }
        try addProtected(repository, origin)
    }

    private mutating func addProtected(
        _ repository: GitRepository, _ origin: Origin
    ) throws(SandboxError) {
        guard repository.isComplete else {
            throw SandboxError(
                .refused,
                "a repository has more than \(GitRepository.mostEntries) entries below .git/modules",
                origin: origin, hint: "Mews can't protect them all; work in a clone with fewer submodules")
        }
        for (place, errno) in repository.unread {
            guard errno == .accessDenied else { throw Self.unread(place, errno, origin) }
            // Either it can't be listed itself, or nothing in what holds it can be looked at.
            try refuseOpenable(place, "\(place)", origin)
            try refuseOpenable(place.parent ?? .root, "\(place)", origin)
        }
        try addProtected(repository.protected)
    }

    private mutating func addProtected(_ paths: [AbsolutePath]) throws(SandboxError) {
        for path in paths {
            try addGitPath(path, .protect)
            guard masksGitCredentials, path.lastComponent.starts(with: "config".utf8),
                !masked.contains(where: { $0.path == path }),
                let configuration = MaskedConfiguration(path, home: facts.home)
            else { continue }
            masked.append(configuration)
        }
    }

    /// Lays the copies over the files: as places of Mews's own, which a grant of exactly that path alone would lift.
    mutating func addMasked(after count: Int) {
        for (index, configuration) in masked.enumerated() {
            let path = configuration.path
            rules.append(
                ViewRule(
                    path: path, kind: .own(.file(index: count + index)), status: nil,
                    origin: Origin(authority: .user, source: Self.gitSource), named: path, written: "\(path)")
            )
        }
    }

    private mutating func addGitPath(_ path: AbsolutePath, _ kind: ViewRule.Kind) throws(SandboxError) {
        let origin = Origin(authority: .user, source: Self.gitSource)
        let before = skipped.count
        try add(
            PathPattern(prefix: path, written: "\(path)"), as: kind, origin, watched: kind == .protect)
        // Most repositories have no modules, alternates or config.worktree.
        skipped.removeLast(skipped.count - before)
    }

    /// The source in the origin of what Mews protects and grants for git.
    static var gitSource: String { "git's own files" }
}
