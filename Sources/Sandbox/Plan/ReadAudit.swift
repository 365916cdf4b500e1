public import Linux

/// How reads outside the view are seen.
public enum ReadAudit: Hashable, Sendable {
    /// Not at all: they fail, and nobody learns of them.
    case off
    /// The supervisor answers for the root of the view through this FUSE device (fuse(4)).
    case fuse(AbsolutePath)
}
