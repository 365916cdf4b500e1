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

    /// Where the root of the view is in these paths.
    static let root = AbsolutePath.root.appending("root")

    /// Whether it belongs to the root of the view, and not to another part of the scratch file system.
    public var isInRoot: Bool { Self.root.contains(path) }

    /// The path inside; only for what belongs to the root of the view.
    public var pathInside: AbsolutePath? {
        Self.root.relative(of: path).flatMap { AbsolutePath([UInt8(ascii: "/")] + $0) }
    }
}
