internal import Linux
internal import Profile

/// One line of the policy after its path has been looked up.
struct ViewRule {
    enum Kind: Hashable {
        /// A grant of the host's tree.
        case grant(Access)
        /// Masked.
        case deny
        /// Not covered by a grant of what lies above it; a grant of something in it holds for that alone.
        case floor
        /// Readable where granted, never writable.
        case protect
        /// A place that Mews itself fills, unless a line grants exactly that path.
        case own(OwnPlace)

        /// Whether it takes something away, so that leaving it out would be a grant.
        var isRestriction: Bool { [.deny, .floor, .protect].contains(self) }
    }

    /// Where it holds, by a path without links.
    let path: AbsolutePath
    let kind: Kind
    /// Which file it is; nil for Mews's own places.
    let status: FileStatus?
    let origin: Origin
    /// The path that the line names, before any link on it is followed.
    let named: AbsolutePath
    /// Whether the path only matches a wildcard of the line.
    var isMatch = false
    /// As messages name it: what the profile has, or the match of its wildcard.
    let written: String
    /// As the profile has it.
    var line = ""
}

/// The places of the view that Mews fills itself from its scratch file system.
enum OwnPlace: Hashable {
    /// A writable directory of the session's own.
    case directory(name: String)
    /// A directory that Mews fills and that can't be written from inside.
    case published
    /// A small file that Mews makes, by its number among the identity files.
    case file(index: Int)
    /// The device directory.
    case devices
    /// The process file system.
    case processes
}
