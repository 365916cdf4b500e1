internal import Linux
internal import Profile

/// Finds what exists below a pattern's literal prefix, never through a link.
struct PatternMatcher {
    /// How many directory entries all patterns of a session together may look at.
    static let mostEntries = 50_000

    /// Something that a pattern matches.
    struct Match {
        let path: AbsolutePath
        let isLink: Bool
    }

    /// Directories that couldn't be listed in the last search: what matches in them isn't known.
    private(set) var unlisted: [AbsolutePath] = []

    private let limit: Int
    private var seen = 0

    init(limit: Int = mostEntries) {
        self.limit = limit
    }

    /// Everything that matches now: the pattern after its literal prefix, below that prefix, which is a path
    /// without links.
    ///
    /// - Throws: `tooManyEntries`, or `unreadable` for anything but a lack of permission, which ``unlisted`` has.
    mutating func matches(
        _ components: ArraySlice<PathPattern.Component>, in directory: AbsolutePath
    ) throws(PatternFailure) -> [Match] {
        unlisted.removeAll()
        var found: [Match] = []
        try search(components, in: directory, into: &found)
        return found
    }

    private mutating func search(
        _ components: ArraySlice<PathPattern.Component>, in directory: AbsolutePath,
        into found: inout [Match]
    ) throws(PatternFailure) {
        guard let component = components.first else { return }
        let rest = components.dropFirst()
        if case .anyDepth = component { try search(rest, in: directory, into: &found) }
        for entry in try entries(of: directory) {
            seen += 1
            if seen > limit { throw .tooManyEntries }
            let path = directory.appending(entry.name)
            guard let kind = try Self.kind(of: entry, at: path) else { continue }
            switch component {
            case .anyDepth:
                if kind == .directory { try search(components, in: path, into: &found) }
            case .glob:
                guard component.matches(entry.name) else { continue }
                if rest.isEmpty {
                    found.append(Match(path: path, isLink: kind == .symbolicLink))
                } else if kind == .directory {
                    try search(rest, in: path, into: &found)
                }
            }
        }
    }

    private mutating func entries(of directory: AbsolutePath) throws(PatternFailure) -> [DirectoryEntry] {
        let flags: Files.Flags = [.read, .directory, .noFollow, .closeOnExec, .nonBlocking]
        do throws(Errno) {
            let descriptor = try Files.open(CString(directory), flags)
            return try Files.entries(of: descriptor.number)
        } catch .accessDenied {
            if unlisted.last != directory { unlisted.append(directory) }
            return []
        } catch {
            // Gone meanwhile, or never a directory.
            if [.noEntry, .notDirectory, .loop].contains(error) { return [] }
            throw .unreadable(directory, error)
        }
    }

    /// What an entry is, also where the file system's listing doesn't tell; nil when it has gone.
    private static func kind(
        of entry: DirectoryEntry, at path: AbsolutePath
    ) throws(PatternFailure) -> FileStatus.Kind? {
        if let kind = entry.kind { return kind }
        do throws(Errno) {
            return try Files.statusIfThere(CString(path))?.kind
        } catch {
            throw .unreadable(path, error)
        }
    }
}

/// Why what matches a pattern can't be told.
enum PatternFailure: Error {
    /// The patterns of a session would have to look at more entries than they may.
    case tooManyEntries
    /// The kernel doesn't tell what is in a place, or what it is.
    case unreadable(AbsolutePath, Errno)
}
