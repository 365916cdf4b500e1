public import Linux

/// What of a git working tree a session began with, read without running git: a repository's configuration names
/// programs that git runs, and whoever wrote the repository wrote that too.
///
/// Everything it says is what the repository claims; a command in an earlier session may have written it.
public struct RepositoryState: Hashable, Sendable {
    /// How the tracked files compare with git's index.
    ///
    /// Files that git doesn't track, and changes that are staged but not committed, can't be seen this way: the
    /// first would take git's rules for ignoring, the second its packed objects.
    public enum TrackedFiles: String, Hashable, Sendable {
        /// Every tracked file is as the index has it.
        case clean
        /// A tracked file is gone, in conflict or isn't as the index has it. Where git converts content at
        /// checkout (line ends, filters), also a file that was only touched.
        case changed
        /// It can't be told: too many files or too little time, an index that is split, damaged or absent, or a
        /// submodule that is checked out.
        case unknown
    }

    /// The address of `origin`, else of the first remote, without user and password; nil without a remote.
    public let remote: [UInt8]?
    /// The commit in hexadecimal digits; nil before the first one, and where it can't be told (reftable).
    public let commit: [UInt8]?
    /// The branch, as `main`; nil when HEAD is detached or can't be read.
    public let branch: [UInt8]?
    /// How the tracked files compare with the index.
    public let trackedFiles: TrackedFiles

    /// How much is looked at.
    public struct Limits: Sendable {
        /// The most time for comparing files, in nanoseconds; reading what has to be read before comes on top.
        public var time: Int64
        /// The most tracked files.
        public var entries: Int
        /// The most content that is read where a file's status doesn't decide, in bytes.
        public var content: UInt64

        /// Sets the bounds.
        public init(time: Int64, entries: Int = 100_000, content: UInt64 = 4 << 20) {
            self.time = time
            self.entries = entries
            self.content = content
        }
    }

    /// Reads it; nil when the directory isn't a working tree, or when its `.git` proves nothing.
    ///
    /// - Parameters:
    ///   - tree: the working tree, by a path without links: a repository's own, a linked one or a submodule's.
    ///   - user: who owns the repository where `.git` is a file.
    ///   - limits: how much is looked at.
    public init?(of tree: AbsolutePath, user: UInt32, limits: Limits) {
        let file = tree.appending(".git")
        guard let kind = try? Files.status(CString(file)).kind else { return nil }
        let link = kind == .regular ? try? GitLink(at: file, user: user) : nil
        guard kind == .directory || link != nil else { return nil }
        let directory = link?.directory ?? file
        guard let own = GitDirectory(directory), let common = GitDirectory(link?.common ?? directory),
            own.holds("HEAD")
        else { return nil }
        let configuration = common.content(of: "config", limit: Self.mostConfigurationBytes).flatMap {
            try? GitConfiguration($0.bytes)
        }
        let head = GitHead(own, common: common)
        remote = configuration?.remote.flatMap(Self.withoutUser)
        commit = head?.commit
        branch = head?.reference.flatMap(Self.branch)
        guard let configuration, kind == .regular || configuration.value("core", "worktree") == nil else {
            // The index is that of a tree elsewhere, or of a format that isn't known.
            trackedFiles = .unknown
            return
        }
        let isUnborn = head?.reference != nil && head?.commit == nil
        trackedFiles = Self.compare(tree, own, configuration, limits, isUnborn: isUnborn)
    }

    private static let mostConfigurationBytes = 1 << 20
    private static let mostIndexBytes = 16 << 20
    /// More than an entry takes, but for names that hardly any repository has: the index of too many files isn't
    /// even read.
    private static let mostEntryBytes = 1024

    private static func branch(_ reference: [UInt8]) -> [UInt8]? {
        let start = Array("refs/heads/".utf8)
        return reference.starts(with: start) ? Array(reference.dropFirst(start.count)) : nil
    }

    private static func compare(
        _ tree: AbsolutePath, _ own: borrowing GitDirectory, _ configuration: GitConfiguration,
        _ limits: Limits,
        isUnborn: Bool
    ) -> TrackedFiles {
        let end = Clock.monotonic().addingReportingOverflow(limits.time)
        let deadline = end.overflow ? .max : end.partialValue
        // Without an index nothing is tracked; once there is a commit, that is itself a change, but not one that
        // an index shows.
        guard own.holds("index") else { return isUnborn ? .clean : .unknown }
        let format = configuration.value("extensions", "objectformat") ?? Array("sha1".utf8)
        guard let objectLength = objectLength(format),
            let found = own.content(
                of: "index", limit: min(mostIndexBytes, max(1, limits.entries) * mostEntryBytes)),
            var index = try? GitIndex(found.bytes, objectLength: objectLength), index.count <= limits.entries,
            var comparison = GitTreeComparison(
                tree, written: found.status.modified,
                comparesExecutable: !configuration.isFalse("core", "filemode"), bytesLeft: limits.content)
        else { return .unknown }
        var isDecided = true
        do throws(GitIndex.Malformed) {
            while let entry = try index.next() {
                switch comparison.look(at: entry) {
                case .changed: return .changed
                case .undecided: isDecided = false
                case .unchanged: break
                }
                if Clock.monotonic() >= deadline { return .unknown }
            }
        } catch {
            return .unknown
        }
        return isDecided && index.isWhole() ? .clean : .unknown
    }

    private static func objectLength(_ format: [UInt8]) -> Int? {
        switch String(decoding: format, as: UTF8.self).lowercased() {
        case "sha1": 20
        case "sha256": 32
        default: nil
        }
    }
}
