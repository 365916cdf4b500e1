internal import CLinux

/// Waiting for several descriptors at once (ppoll(2)).
public enum Poll {
    /// What can be waited for and what can have happened.
    public struct Events: OptionSet, Sendable {
        /// The kernel's bits.
        public let rawValue: Int16

        /// Wraps the kernel's bits.
        public init(rawValue: Int16) {
            self.rawValue = rawValue
        }

        /// There is something to read.
        public static let readable = Events(rawValue: 1)
        /// A write wouldn't wait.
        public static let writable = Events(rawValue: 4)
        /// Something is wrong with it.
        public static let failed = Events(rawValue: 8)
        /// The other side is gone.
        public static let hungUp = Events(rawValue: 16)
    }

    /// One descriptor, what to wait for and what happened.
    public struct Entry: Sendable {
        var raw: mews_poll

        /// Waits for events of a descriptor; a negative descriptor is passed over.
        public init(_ descriptor: Int32, _ events: Events) {
            raw = mews_poll(descriptor: descriptor, events: events.rawValue, returned: 0)
        }

        /// Waits for nothing.
        public static let nothing = Entry(-1, .readable)

        /// What happened.
        public var returned: Events { Events(rawValue: raw.returned) }
    }

    /// What has happened to one descriptor so far, without waiting.
    ///
    /// Nothing is made for it on the heap: right after a clone the first array of a kind takes 70 us.
    public static func look(at descriptor: Int32, for events: Events) throws(Errno) -> Events {
        var entry = mews_poll(descriptor: descriptor, events: events.rawValue, returned: 0)
        var time = mews_timespec(seconds: 0, nanoseconds: 0)
        let result = unsafe mews_poll(&entry, 1, &time)
        if result == -Errno.interrupted.code { return [] }
        _ = try check(result)
        return Events(rawValue: entry.returned)
    }

    /// Waits until something happens to one of them, a signal arrives, or the time is over.
    ///
    /// The longest wait is in nanoseconds; nil is for ever. The answer is how many entries have something to
    /// tell.
    @discardableResult
    public static func wait(_ entries: inout [Entry], nanoseconds: Int64?) throws(Errno) -> Int32 {
        // An entry is nothing but what the kernel reads and writes.
        let result: Int32
        if let nanoseconds {
            let limit = max(0, nanoseconds)
            var time = mews_timespec(seconds: limit / 1_000_000_000, nanoseconds: limit % 1_000_000_000)
            result = unsafe mews_poll(&entries, UInt32(entries.count), &time)
        } else {
            result = unsafe mews_poll(&entries, UInt32(entries.count), nil)
        }
        if result == -Errno.interrupted.code {
            for index in entries.indices { entries[index].raw.returned = 0 }
            return 0
        }
        return try check(result)
    }
}
