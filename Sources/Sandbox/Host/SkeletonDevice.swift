public import Linux

/// Whether a FUSE device can be used for the root of the view.
public enum SkeletonDevice: Hashable, Sendable {
    /// It can.
    case usable
    /// The path names something that isn't character device 10:229.
    case otherFile
    /// It can't be opened; without an entry the host has none, as in most containers.
    case closed(Errno)
}
