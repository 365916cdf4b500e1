/// What is done with a file, as records name it: activities of OCSF's class File System Activity (1001).
public enum FileActivity: Int, Hashable, Sendable {
    /// Something new comes into being: a file, directory, link, node or socket.
    case create = 1
    /// Content is written or cut.
    case write = 3
    /// A name is removed.
    case delete = 4
    /// A name is moved, or exchanged with another.
    case rename = 5
    /// Mode, owner, times or extended attributes change.
    case attributes = 6
    /// Content is read, a directory listed, or a program executed.
    case open = 14
}
