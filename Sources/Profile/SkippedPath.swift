/// A line of a profile that names nothing in this launch.
public struct SkippedPath: Sendable, Hashable {
    /// The path as it was written.
    public let written: String
    /// Why, as a clause: `XDG_RUNTIME_DIR isn't set`.
    public let reason: String
    /// The line.
    public let origin: Origin

    /// Joins the parts.
    public init(written: String, reason: String, origin: Origin) {
        self.written = written
        self.reason = reason
        self.origin = origin
    }
}
