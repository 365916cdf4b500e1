public import Linux

/// A symbolic link that a lookup went through.
public struct SymbolicLink: Hashable, Sendable {
    /// Where the link lies, by a path without links.
    public let path: AbsolutePath
    /// What it holds.
    public let target: [UInt8]
}

/// What a path of a profile names on the host.
struct ResolvedPath: Sendable {
    /// The same place by a path without links.
    let path: AbsolutePath
    /// The links on the way, the last component included.
    let links: [SymbolicLink]
    /// What lies there.
    let status: FileStatus
}
