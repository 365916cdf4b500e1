/// Two descriptors that a call makes together: the ends of a pipe or of a socket pair.
public struct DescriptorPair: ~Copyable {
    /// Of a pipe: the end to read from.
    public let first: FileDescriptor
    /// Of a pipe: the end to write to.
    public let second: FileDescriptor

    init(first: consuming FileDescriptor, second: consuming FileDescriptor) {
        self.first = first
        self.second = second
    }

    /// Closes the second and hands the first on.
    public consuming func keepingFirst() -> FileDescriptor { first }

    /// Closes the first and hands the second on.
    public consuming func keepingSecond() -> FileDescriptor { second }
}
