public import Audit
internal import Profile

/// What somebody wants to do with a file, as an explanation is asked for it.
public enum FileUse: String, Hashable, Sendable, CaseIterable {
    /// Read its content, list it, or look it up.
    case read
    /// Change the content of what is there.
    case write
    /// Execute it.
    case execute
    /// Make a file, link, node or socket of that name.
    case create
    /// Make a directory of that name.
    case makeDirectory = "make-directory"
    /// Take the name away.
    case delete
    /// Move the name to a second one, or link it there.
    case rename
    /// Change mode, owner, times or extended attributes.
    case attributes
    /// Connect or send to the socket that lies there (unix(7)).
    case connect

    /// The use that a record's activity is.
    public init(_ activity: FileActivity) {
        self =
            switch activity {
            case .create: .create
            case .write: .write
            case .delete: .delete
            case .rename: .rename
            case .attributes: .attributes
            case .open: .read
            }
    }

    /// Whether it changes the name in the directory above, so that a grant of the path itself isn't enough.
    var changesName: Bool { self == .delete || self == .rename || self == .create || self == .makeDirectory }

    /// The access that a mount must have for it. Connecting isn't writing to the kernel: a read-only mount
    /// doesn't refuse it (path_resolution(7): only the file system's own flag does).
    var access: Access {
        switch self {
        case .read, .execute, .connect: .read
        case .write, .create, .makeDirectory, .delete, .rename, .attributes: .write
        }
    }
}
