public import Linux

/// What the skeleton needs from whoever runs it.
public protocol SkeletonSurroundings: ~Copyable {
    /// What the host has at a path, itself without links.
    ///
    /// It must come back soon, whatever lies there: everything inside that looks outside the view waits for it.
    mutating func hostAnswer(at path: AbsolutePath) -> HostAnswer

    /// Takes an event; the process that caused it still waits and can be looked at.
    mutating func take(_ event: SkeletonEvent)
}
