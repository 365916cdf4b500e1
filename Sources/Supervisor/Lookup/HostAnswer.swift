public import Linux

/// What the host has at a path, looked up without following links or starting automounts.
public enum HostAnswer: Hashable, Sendable {
    /// Nothing.
    case missing
    /// A file of any kind but a link.
    case found(FileStatus)
    /// A symbolic link with its target.
    case link([UInt8])
    /// Something that isn't asked because the answer may never come: autofs, FUSE, a network file system.
    case notProbed
    /// The user may not look there.
    case unreadable
}
