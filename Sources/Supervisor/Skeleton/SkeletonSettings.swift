/// How a skeleton behaves.
public struct SkeletonSettings: Sendable {
    /// Whether everything outside the view answers that it doesn't exist.
    public var hides: Bool
    /// Whether the notifications of the filter are on: calls that would change something are theirs to tell
    /// then, so that each act is told once.
    public var notificationsOn: Bool
    /// The owner of every node.
    public var user: UInt32
    /// The group of every node.
    public var group: UInt32
    /// The times of every node, in nanoseconds since 1970.
    public var time: Int64

    /// Joins the settings.
    public init(hides: Bool, notificationsOn: Bool, user: UInt32, group: UInt32, time: Int64) {
        self.hides = hides
        self.notificationsOn = notificationsOn
        self.user = user
        self.group = group
        self.time = time
    }
}
