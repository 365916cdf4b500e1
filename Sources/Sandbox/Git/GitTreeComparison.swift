internal import Linux

/// Compares a working tree with git's index, one entry after the other, as git does where it has no monitor: by
/// status first, by content where the status decides nothing.
struct GitTreeComparison: ~Copyable {
    /// What an entry's file turned out to be.
    enum Finding {
        case unchanged
        case changed
        /// Nothing that can be read within the bounds decides it.
        case undecided
    }

    private let root: FileDescriptor
    /// When the index was written. A file of the same moment may have been changed after it (git's
    /// Documentation/technical/racy-git.txt).
    private let written: FileTime
    private let comparesExecutable: Bool
    private var bytesLeft: UInt64

    /// The directory of the last entry: the index is sorted, so most of its neighbours lie in it as well.
    private var directory: FileDescriptor?
    private var directoryName: ArraySlice<UInt8> = []

    /// - Parameters:
    ///   - tree: the working tree; nil is returned when it can't be opened without links.
    ///   - written: when the index was.
    ///   - comparesExecutable: whether the executable bit counts (`core.fileMode`).
    ///   - bytesLeft: how much content may be read in all.
    init?(_ tree: AbsolutePath, written: FileTime, comparesExecutable: Bool, bytesLeft: UInt64) {
        guard let root = try? Files.openWithoutLinks(CString(tree)) else { return nil }
        self.root = root
        self.written = written
        self.comparesExecutable = comparesExecutable
        self.bytesLeft = bytesLeft
    }

    /// Looks at the file of one entry.
    mutating func look(at entry: GitIndex.Entry) -> Finding {
        if entry.isPassedOver { return .unchanged }
        if entry.isPending { return .changed }
        let slash = UInt8(ascii: "/")
        let cut = entry.name.lastIndex(of: slash)
        let name = cut.map { entry.name[($0 + 1)...] } ?? entry.name[...]
        guard AbsolutePath.isComponent(name) else { return .undecided }
        do throws(Errno) {
            let status: FileStatus
            if let cut {
                try enter(entry.name[..<cut])
                guard let number = directory?.number else { return .undecided }
                status = try Files.status(CString(name), at: number)
                return compare(entry, status, CString(name), at: number)
            }
            status = try Files.status(CString(name), at: root.number)
            return compare(entry, status, CString(name), at: root.number)
        } catch .noEntry, .notDirectory, .loop {
            // Gone, or something else stands where a directory was. Git says so of a link as well.
            return .changed
        } catch {
            return .undecided
        }
    }

    private mutating func enter(_ name: ArraySlice<UInt8>) throws(Errno) {
        if directory != nil, directoryName.elementsEqual(name) { return }
        directory = nil
        directory = try Files.open(CString(name), below: root.number, [.pathOnly, .directory, .closeOnExec])
        directoryName = name
    }

    private mutating func compare(
        _ entry: GitIndex.Entry, _ status: FileStatus, _ name: CString, at directory: Int32
    ) -> Finding {
        let type = entry.mode & 0o170000
        if type == Self.submodule { return Self.submodule(status, name, at: directory) }
        guard type == Self.regular || type == Self.link else { return .undecided }
        guard status.mode & 0o170000 == type else { return .changed }
        if type == Self.regular, comparesExecutable, (entry.mode ^ status.mode) & 0o100 != 0 {
            return .changed
        }
        // A size of 0 in the index also marks an entry whose content git has to look at.
        if entry.size != 0, entry.size != UInt32(truncatingIfNeeded: status.size) { return .changed }
        if entry.size != 0 || status.size == 0, isSame(entry, status.modified), !isRacy(entry) {
            return .unchanged
        }
        return compareContent(entry, status, name, at: directory)
    }

    private static let regular: UInt32 = 0o100000
    private static let link: UInt32 = 0o120000
    private static let submodule: UInt32 = 0o160000

    private func isSame(_ entry: GitIndex.Entry, _ modified: FileTime) -> Bool {
        entry.modified.seconds == UInt32(truncatingIfNeeded: modified.seconds)
            && (entry.modified.nanoseconds == modified.nanoseconds || entry.modified.nanoseconds == 0)
    }

    private func isRacy(_ entry: GitIndex.Entry) -> Bool {
        let (seconds, nanoseconds) = entry.modified
        let index = UInt32(truncatingIfNeeded: written.seconds)
        return (seconds, nanoseconds) >= (index, nanoseconds == 0 ? 0 : written.nanoseconds)
    }

    /// A submodule that isn't checked out is as git made it; one that is has a state of its own.
    private static func submodule(_ status: FileStatus, _ name: CString, at directory: Int32) -> Finding {
        guard status.isDirectory else { return .changed }
        guard
            let place = try? Files.open(name, below: directory, [.pathOnly, .directory, .closeOnExec])
        else { return .undecided }
        return (try? Files.status(CString(".git"), at: place.number)) == nil ? .unchanged : .undecided
    }

    private mutating func compareContent(
        _ entry: GitIndex.Entry, _ status: FileStatus, _ name: CString, at directory: Int32
    ) -> Finding {
        guard status.size <= bytesLeft else { return .undecided }
        bytesLeft -= status.size
        let content =
            status.kind == .symbolicLink
            ? try? Files.readLink(name, at: directory)
            : GitDirectory.content(of: name, below: directory, limit: Int(status.size))?.bytes
        guard let content else { return .undecided }
        let found = GitObjectName.blob(content, length: entry.object.count)
        return found.elementsEqual(entry.object) ? .unchanged : .changed
    }
}
