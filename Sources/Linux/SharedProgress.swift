internal import CLinux

/// How far one process has come, for another, in memory that the two share (memfd_create(2), mmap(2) with MAP_SHARED).
///
/// Mostly the one is there before the other needs it, and then neither has to wake the other: the other looks. When it
/// goes to sleep over a number, it says so before it looks once more; who has come there says so before it looks whether
/// somebody sleeps, and wakes him by other means. Each number is read and written whole, and all of them in one order for
/// both, so that one of the two always sees the other.
@safe public struct SharedProgress: ~Copyable {
    private let words: UnsafeMutablePointer<UInt64>

    /// First how far the one has come, then what the other waits for.
    private static let count = 2
    private static let size = UInt(count * MemoryLayout<UInt64>.size)

    /// The memory, with nothing reached and nothing awaited. Nobody can make it smaller, which would kill the other when
    /// it looks.
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

    /// How far the one has come.
    public var reached: UInt64 { unsafe mews_load(words) }

    /// For the other, before it sleeps: it has to be woken when this number is reached; 0 is none.
    ///
    /// - Returns: whether it is reached already, and nobody will wake it.
    public func await(_ number: UInt64) -> Bool {
        unsafe mews_store(words + 1, number)
        return reached >= number
    }

    /// For the one: this number is reached.
    ///
    /// - Returns: whether the other has to be woken.
    public func reach(_ number: UInt64) -> Bool {
        unsafe mews_store(words, number)
        let awaited = unsafe mews_load(words + 1)
        return awaited != 0 && awaited <= number
    }
}
