internal import CLinux

/// Open descriptors with one owner, closed together.
public struct DescriptorList: ~Copyable {
    /// The numbers, for calls that only borrow them.
    public private(set) var numbers: [Int32]

    /// Takes over open descriptors.
    public init(owning numbers: [Int32] = []) {
        self.numbers = numbers
    }

    deinit {
        for number in numbers { _ = mews_close(number) }
    }

    /// How many there are.
    public var count: Int { numbers.count }

    /// Takes one over, as the last.
    public mutating func append(_ descriptor: consuming FileDescriptor) {
        numbers.append(descriptor.release())
    }

    /// Takes others over, behind these.
    public mutating func append(_ others: consuming DescriptorList) {
        var others = others
        numbers += others.numbers
        others.numbers = []
    }

    /// Hands the last ones on, in their order; all when there are fewer.
    public mutating func removeLast(_ count: Int) -> DescriptorList {
        let last = Array(numbers.suffix(count))
        numbers.removeLast(last.count)
        return DescriptorList(owning: last)
    }

    /// Hands the last one on; nil when there is none.
    public mutating func removeLast() -> FileDescriptor? {
        guard let last = numbers.popLast() else { return nil }
        return FileDescriptor(owning: last)
    }
}
