internal import CLinux

/// Reading another process's memory (process_vm_readv(2)), which that process may change at any moment.
public enum ProcessMemory {
    /// The longest read: a path with its NUL (PATH_MAX, limits.h).
    public static let longest = 4096

    /// Up to `count` bytes from an address on, at most ``longest``; fewer where the next page isn't there.
    public static func read(
        process: Int32, address: UInt64, count: Int
    ) throws(Errno) -> [UInt8] {
        let capacity = min(max(count, 0), longest)
        return try unsafe filling(capacity) { unsafe mews_read_memory(process, address, $0, UInt(capacity)) }
    }

    /// The text at an address up to its NUL.
    ///
    /// - Throws: `Errno.nameTooLong` when there is no NUL in ``longest`` bytes, `Errno.badAddress` when the memory
    ///   ends before one.
    public static func readText(process: Int32, address: UInt64) throws(Errno) -> [UInt8] {
        // Most paths are short, and the buffer is cleared first.
        for count in [256, longest] {
            let bytes = try read(process: process, address: address, count: count)
            if let end = bytes.firstIndex(of: 0) { return Array(bytes[..<end]) }
            if bytes.count < count { throw .badAddress }
        }
        throw .nameTooLong
    }
}
