public import Linux

/// What a directory tree held at a moment, to be compared with what it holds later: names, kinds and the times of
/// change that no call can set. Contents aren't read.
public struct TreeSnapshot: Sendable {
    /// One thing that differs.
    public struct Change: Hashable, Sendable {
        /// How.
        public enum Kind: String, Sendable {
            /// It wasn't there.
            case created
            /// Content, mode or owner are others, or another file has its name.
            case changed
            /// It is gone.
            case removed
        }

        /// The path below the tree.
        public let path: [UInt8]
        /// How it differs.
        public let kind: Kind
        /// Whether it is a directory, now or before.
        public let isDirectory: Bool
    }

    /// What a later look found.
    public struct Comparison: Sendable {
        /// What differs, by path. Below `.git` nothing is named.
        public var changes: [Change] = []
        /// How many files below `.git` differ: git's own book-keeping.
        public var gitFiles = 0
        /// Whether everything was looked at, both times.
        public var isComplete = true
    }

    /// How much is looked at.
    public struct Limits: Sendable {
        /// The most entries.
        public var entries: Int
        /// The most time, in nanoseconds.
        public var time: Int64

        /// Sets the bounds.
        public init(entries: Int = 200_000, time: Int64 = 10_000_000_000) {
            self.entries = entries
            self.time = time
        }
    }

    private struct Mark: Hashable {
        let identity: FileStatus.Identity
        let changed: FileTime
        let kind: FileStatus.Kind
    }

    private var marks: [[UInt8]: Mark] = [:]
    private var isComplete = true
    private let root: AbsolutePath

    /// Looks at a tree. Other file systems in it aren't entered, links not followed, and nothing is opened but
    /// directories: a command may have put anything there.
    public init(of root: AbsolutePath, limits: Limits = Limits()) {
        self.root = root
        let flags: Files.Flags = [.read, .directory, .noFollow, .nonBlocking, .closeOnExec]
        guard let top = try? Files.open(CString(root), flags),
            let device = try? Files.status(of: top.number).identity.device
        else {
            isComplete = false
            return
        }
        let deadline = Clock.monotonic() + limits.time
        var waiting: [[UInt8]] = [[]]
        while let directory = waiting.popLast() {
            let name = directory.isEmpty ? CString(".") : CString(directory)
            // One that has vanished or can't be entered has nothing to tell.
            guard let place = try? Files.open(name, below: top.number, flags),
                let entries = try? Files.entries(of: place.number)
            else {
                isComplete = false
                continue
            }
            for entry in entries {
                guard marks.count < limits.entries, Clock.monotonic() < deadline else {
                    isComplete = false
                    return
                }
                guard let status = try? Files.status(CString(entry.name), at: place.number) else { continue }
                let path = directory.isEmpty ? entry.name : directory + [UInt8(ascii: "/")] + entry.name
                marks[path] = Mark(identity: status.identity, changed: status.changed, kind: status.kind)
                if status.isDirectory, status.identity.device == device { waiting.append(path) }
            }
        }
    }

    /// Looks again, and tells what differs. Only what a directory holds counts as its change.
    public func compared(limits: Limits = Limits()) -> Comparison {
        let now = TreeSnapshot(of: root, limits: limits)
        var comparison = Comparison()
        comparison.isComplete = isComplete && now.isComplete
        for (path, mark) in now.marks {
            guard let before = marks[path] else {
                // Where the first look ended early nothing is known of what it didn't reach.
                if isComplete { comparison.add(path, .created, mark.kind) }
                continue
            }
            if mark == before || (mark.kind == .directory && before.kind == .directory) { continue }
            comparison.add(path, .changed, mark.kind)
        }
        if now.isComplete {
            for (path, mark) in marks where now.marks[path] == nil {
                comparison.add(path, .removed, mark.kind)
            }
        }
        comparison.changes.sort { $0.path.lexicographicallyPrecedes($1.path) }
        return comparison
    }
}

extension TreeSnapshot.Comparison {
    fileprivate mutating func add(
        _ path: [UInt8], _ kind: TreeSnapshot.Change.Kind, _ file: FileStatus.Kind
    ) {
        if path.starts(with: ".git/".utf8) {
            gitFiles += file == .directory ? 0 : 1
        } else {
            changes.append(TreeSnapshot.Change(path: path, kind: kind, isDirectory: file == .directory))
        }
    }
}
