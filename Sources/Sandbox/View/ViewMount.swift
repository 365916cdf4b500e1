public import Linux
public import Profile

/// One mount of the view.
public struct ViewMount: Sendable {
    /// What is mounted.
    public enum Source: Hashable, Sendable {
        /// The host's tree at the same path.
        case host(FileStatus)
        /// A directory or file of the scratch file system, by its path there.
        case scratch([UInt8])
        /// The device directory.
        case devices
        /// The process file system.
        case processes
    }

    /// Why it is there.
    public enum Reason: Sendable {
        /// A line grants it.
        case grant
        /// A line denies it, or the floor does.
        case mask
        /// A line protects it.
        case protect
        /// An ancestor of a place that must not be moved away.
        case pin
        /// Mews's own.
        case own
    }

    /// Where in the view, and for a host tree also where on the host.
    public let destination: AbsolutePath
    /// What is mounted.
    public let source: Source
    /// What it may be used for.
    public let access: Access
    /// Why it is there.
    public let reason: Reason
    /// The line behind it.
    public let origin: Origin
    /// Whether it is a directory.
    public let isDirectory: Bool
    /// What the line says, as it was written; empty where Mews itself speaks.
    public internal(set) var written = ""
}

extension ViewMount {
    /// What Landlock allows in it.
    ///
    /// - Parameter all: the rights that this kernel knows.
    /// - Returns: those of them that its grant comes to.
    func landlockRights(among all: Landlock.Rights) -> Landlock.Rights {
        var rights: Landlock.Rights = access == .write ? all : Landlock.Rights.read
        rights.subtract([.makeBlockDevice, .makeCharacterDevice])
        if !isDirectory { rights.formIntersection(.ofFiles) }
        return rights.intersection(all)
    }
}
