public import Linux

/// A directory, file or link that Mews makes in its scratch file system.
public struct SkeletonNode: Hashable, Sendable {
    /// What it is.
    public enum Kind: Hashable, Sendable {
        /// A directory to mount on or to walk through.
        case directory
        /// An empty file to mount on.
        case file
        /// A link as the host has it.
        case link([UInt8])
    }

    /// Where in the view.
    public let path: AbsolutePath
    /// What it is.
    public let kind: Kind
}
