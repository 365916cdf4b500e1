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

    private let limit: Int
    private var seen = 0

    init(limit: Int = mostEntries) {
        self.limit = limit
    }

    /// Everything that matches now: the pattern after its literal prefix, below that prefix, which is a path
    /// without links.
    mutating func matches(
        _ components: ArraySlice<PathPattern.Component>, in directory: AbsolutePath
    ) throws(PatternOverflow) -> [Match] {
        var found: [Match] = []
        try search(components, in: directory, into: &found)
        return found
    }

    private mutating func search(
        _ components: ArraySlice<PathPattern.Component>, in directory: AbsolutePath,
        into found: inout [Match]
    ) throws(PatternOverflow) {
        guard let component = components.first else { return }
        let rest = components.dropFirst()
        if case .anyDepth = component { try search(rest, in: directory, into: &found) }
        for entry in Self.entries(of: directory) {
            seen += 1
            if seen > limit { throw PatternOverflow() }
            let path = directory.appending(entry.name)
            let kind = entry.kind ?? (try? Files.status(CString(path)).kind)
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

    /// What this user can't list, the command, being the same user, can't either, so that nothing that it
    /// could reach is passed over.
    private static func entries(of directory: AbsolutePath) -> [DirectoryEntry] {
        let flags: Files.Flags = [.read, .directory, .noFollow, .closeOnExec, .nonBlocking]
        guard let descriptor = try? Files.open(CString(directory), flags) else { return [] }
        return (try? Files.entries(of: descriptor.number)) ?? []
    }
}

/// The patterns of a session would have to look at more entries than they may.
struct PatternOverflow: Error {}
