internal import CLinux

/// How far a worker has come, for a process that waits for it, in memory that the two share (memfd_create(2), mmap(2) with
/// MAP_SHARED).
///
/// Mostly the worker is there before the waiter needs it, and then nobody has to be woken: the waiter looks. Before it
/// sleeps over a number it writes that down and looks once more; the worker writes down how far it has come before it
/// looks whether somebody sleeps, whom it then wakes by other means. Each number is read and written whole, and all of
/// them in one order for both, so at least one of the two sees the other.
@safe public struct SharedProgress: ~Copyable {
    private let words: UnsafeMutablePointer<UInt64>

    /// First how far the worker has come, then what the waiter sleeps over.
    private static let count = 2
    private static let size = UInt(count * MemoryLayout<UInt64>.size)

    /// The memory, with nothing reached and nothing awaited. Nobody can make it smaller, which would kill the other when
    /// it looks (SIGBUS).
    public static func memory(_ name: CString) throws(Errno) -> FileDescriptor {
        try Files.memory(name, [UInt8](repeating: 0, count: Int(size)), sealed: [.shrinking, .growing])
    }

    /// Takes part in it.
    ///
    /// - Parameter memory: the descriptor of what ``memory(_:)`` made; it may be closed afterwards.
    /// - Throws: what mmap(2) says.
    public init(_ memory: Int32) throws(Errno) {
        var error: Int32 = 0
        guard let start = unsafe mews_map_shared(memory, Self.size, &error) else { throw Errno(error) }
        unsafe words = start
    }

    deinit {
        _ = unsafe mews_unmap(words, Self.size)
    }

    /// How far the worker has come.
    public var reached: UInt64 { unsafe mews_load(words) }

    /// For the waiter, before it sleeps: it has to be woken when this number is reached; 0 is none.
    ///
    /// - Returns: whether it is reached already, and nobody will wake it.
    public func await(_ number: UInt64) -> Bool {
        unsafe mews_store(words + 1, number)
        return reached >= number
    }

    /// For the worker: this number is reached.
    ///
    /// - Returns: whether the waiter has to be woken.
    public func reach(_ number: UInt64) -> Bool {
        unsafe mews_store(words, number)
        let awaited = unsafe mews_load(words + 1)
        return awaited != 0 && awaited <= number
    }
}
