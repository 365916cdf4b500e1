public import Linux

/// A file that a policy was made from.
public struct ProfileFile: Sendable {
    /// Where it lies.
    public let path: AbsolutePath
    /// The name that it gives to itself; empty when it gives none.
    public let name: String
    /// What was read, and so what its digest is of.
    public let content: [UInt8]
}
