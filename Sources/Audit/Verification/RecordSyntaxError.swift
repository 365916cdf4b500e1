/// Why bytes aren't a record in the form that the writer gives it.
public struct RecordSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte of the line, from 0, at which it shows.
    public let offset: Int
    /// What is wrong there.
    public let problem: String

    /// The problem and the byte, from 1 as people count columns.
    public var description: String { "\(problem) at byte \(offset + 1)" }
}
