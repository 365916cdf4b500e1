internal import CLinux

/// Many descriptors that are waited for as one (epoll(7)).
public struct DescriptorQueue: ~Copyable {
    /// Readable while one of them is.
    public let descriptor: FileDescriptor

    /// The most that are taken in one go.
    private static let mostAtOnce = 64

    /// Makes an empty one.
    public init() throws(Errno) {
        descriptor = FileDescriptor(owning: try check(mews_epoll_create()))
    }

    /// Waits for a descriptor to be readable, too, and gives the number back when it is. It leaves the queue when
    /// it is closed.
    public func add(_ other: Int32, number: UInt64) throws(Errno) {
        _ = try check(mews_epoll_add(descriptor.number, other, number))
    }

    /// Waits for a descriptor no longer.
    public func remove(_ other: Int32) throws(Errno) {
        _ = try check(mews_epoll_remove(descriptor.number, other))
    }

    /// The numbers of some of those that are readable, without waiting; empty when none is.
    public func take() throws(Errno) -> [UInt64] {
        var numbers = [UInt64](repeating: 0, count: Self.mostAtOnce)
        let count = try retrying { () throws(Errno) in
            try check(unsafe mews_epoll_take(descriptor.number, &numbers, UInt32(numbers.count)))
        }
        numbers.removeLast(numbers.count - Int(count))
        return numbers
    }
}
