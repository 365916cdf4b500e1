internal import CLinux

/// Many descriptors that are waited for at once, for reading and writing (epoll(7)).
public struct EventQueue: ~Copyable {
    /// What is waited for and what happened.
    public struct Interest: OptionSet, Sendable {
        /// The kernel's bits.
        public let rawValue: UInt32

        /// Wraps the kernel's bits.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// There is something to read, or the end.
        public static let readable = Interest(rawValue: 1)
        /// There is room to write.
        public static let writable = Interest(rawValue: 4)
        /// An error; told without being asked for.
        public static let failed = Interest(rawValue: 8)
        /// Both directions have ended; told without being asked for.
        public static let hungUp = Interest(rawValue: 0x10)
        /// The other side sends nothing more.
        public static let peerEnded = Interest(rawValue: 0x2000)
        /// Tell once for each change instead of as long as it holds.
        public static let edges = Interest(rawValue: 1 << 31)
    }

    /// Something that happened.
    public struct Event: Sendable {
        /// The number of the descriptor in this queue.
        public let number: UInt64
        /// What happened.
        public let happened: Interest
    }

    /// Readable while something has happened to one of them.
    public let descriptor: FileDescriptor
    /// Room for what happened, made when it is first waited for here: some queues are only waited for by others.
    private var raw: [mews_event] = []

    /// The most events of one wait.
    private static let mostAtOnce = 128

    /// Makes an empty one.
    public init() throws(Errno) {
        descriptor = FileDescriptor(owning: try check(mews_epoll_create()))
    }

    /// Waits for a descriptor too. It leaves the queue when it is closed.
    public func add(_ other: Int32, _ interest: Interest, number: UInt64) throws(Errno) {
        _ = try check(mews_epoll_control(descriptor.number, 1, other, interest.rawValue, number))
    }

    /// Changes what is waited for.
    public func change(_ other: Int32, _ interest: Interest, number: UInt64) throws(Errno) {
        _ = try check(mews_epoll_control(descriptor.number, 3, other, interest.rawValue, number))
    }

    /// Waits for a descriptor no longer.
    public func remove(_ other: Int32) throws(Errno) {
        _ = try check(mews_epoll_control(descriptor.number, 2, other, 0, 0))
    }

    /// Waits for something to happen.
    ///
    /// - Parameter nanoseconds: how long at most, rounded up to milliseconds; nil is for ever.
    /// - Returns: how many events there are, to be asked for by index.
    /// - Throws: what epoll_wait(2) says, but not that a signal came.
    public mutating func wait(nanoseconds: Int64?) throws(Errno) -> Int {
        if raw.isEmpty { raw = [mews_event](repeating: mews_event(), count: Self.mostAtOnce) }
        let million: Int64 = 1_000_000
        let timeout = nanoseconds.map { Int32(clamping: (max(0, $0) + million - 1) / million) } ?? -1
        let count = unsafe mews_epoll_wait(descriptor.number, &raw, UInt32(raw.count), timeout)
        if count == -Errno.interrupted.code { return 0 }
        return Int(try check(count))
    }

    /// One of the events that the last wait told of.
    public subscript(index: Int) -> Event {
        Event(number: raw[index].number, happened: Interest(rawValue: raw[index].events))
    }
}
