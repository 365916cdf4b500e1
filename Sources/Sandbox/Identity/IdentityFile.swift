public import Linux

/// A small file that Mews makes instead of showing the host's.
public struct IdentityFile: Sendable {
    /// Where it lies in the view.
    public let path: AbsolutePath
    /// What it holds.
    public let content: [UInt8]
}
