/// A time that a file carries. Its owner can set it to anything (utimensat(2)).
public struct FileTime: Hashable, Sendable, Comparable {
    /// Since 1970-01-01 UTC.
    public let seconds: Int64
    /// Of the second.
    public let nanoseconds: UInt32

    /// Joins the two numbers.
    public init(seconds: Int64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Whether the one is earlier.
    public static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
