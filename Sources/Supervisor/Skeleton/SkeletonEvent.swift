public import Linux

/// What the skeleton has to tell of a request, before it answers.
public enum SkeletonEvent: Sendable {
    /// Something was tried that fails.
    case denied(DeniedAct)
    /// Something outside the view was only looked at (stat(2), access(2), readlink(2), chdir(2), …), and it
    /// failed; to be counted.
    case looked(AbsolutePath)
}
