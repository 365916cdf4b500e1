internal import CLinux

/// Calls on files that are kept: reading at a place, cutting, locking, and what is on the medium.
extension Files {
    // LOCK_EX, LOCK_NB and LOCK_UN of flock(2).
    private static let exclusiveLock: Int32 = 2
    private static let withoutWaiting: Int32 = 4
    private static let unlocking: Int32 = 8

    /// Reads at a place of a file, at most `capacity` bytes; fewer at its end (pread(2)).
    public static func read(
        _ descriptor: Int32, at offset: UInt64, atMost capacity: Int
    ) throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: capacity)
        let length = try retrying { () throws(Errno) in
            try check(unsafe mews_read_at(descriptor, &buffer, UInt(capacity), Int64(offset)))
        }
        buffer.removeLast(capacity - length)
        return buffer
    }

    /// Cuts or extends a file (ftruncate(2)).
    public static func truncate(_ descriptor: Int32, to size: UInt64) throws(Errno) {
        _ = try retrying { () throws(Errno) in try check(mews_ftruncate(descriptor, Int64(size))) }
    }

    /// Waits until a file's content has reached the medium (fdatasync(2)).
    public static func synchronizeContent(of descriptor: Int32) throws(Errno) {
        _ = try retrying { () throws(Errno) in try check(mews_fdatasync(descriptor)) }
    }

    /// Waits until a file or directory has reached the medium with everything about it (fsync(2)).
    public static func synchronize(_ descriptor: Int32) throws(Errno) {
        _ = try retrying { () throws(Errno) in try check(mews_fsync(descriptor)) }
    }

    /// Locks a file against everybody else who locks it, without waiting (flock(2)).
    ///
    /// - Returns: whether it is locked now; false when somebody else holds it. The lock ends with the
    ///   descriptor, however the process ends.
    public static func tryLock(_ descriptor: Int32) throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try retrying { () throws(Errno) in
                try check(mews_flock(descriptor, exclusiveLock | withoutWaiting))
            }
            return true
        } catch {
            // EWOULDBLOCK.
            if error == .again { return false }
            throw error
        }
    }

    /// Gives a lock back (flock(2)).
    public static func unlock(_ descriptor: Int32) throws(Errno) {
        _ = try check(mews_flock(descriptor, unlocking))
    }
}

/// How full a file system is (fstatfs(2)).
public struct StorageUse: Hashable, Sendable {
    /// All that it takes, in bytes.
    public let bytes: UInt64
    /// What of it is left.
    public let freeBytes: UInt64
    /// How many files and directories it takes.
    public let files: UInt64
    /// How many more of them.
    public let freeFiles: UInt64
}

extension Files {
    /// How full the file system is that a descriptor lies in, which may be path-only.
    public static func storageUse(of descriptor: Int32) throws(Errno) -> StorageUse {
        var found = mews_storage()
        _ = try check(unsafe mews_fstatfs(descriptor, &found))
        return StorageUse(
            bytes: found.size * found.blocks, freeBytes: found.size * found.free_blocks, files: found.files,
            freeFiles: found.free_files)
    }
}
