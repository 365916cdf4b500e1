internal import CLinux

/// Calls on files and directories (openat(2), openat2(2), fstatat(2), readlinkat(2), …).
public enum Files {
    /// The directory that relative paths start from.
    public static let currentDirectory: Int32 = -100

    // AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH and F_DUPFD_CLOEXEC.
    private static let noFollowLinks: Int32 = 0x100
    private static let emptyPath: Int32 = 0x1000
    private static let duplicateClosedOnExec: Int32 = 1030

    /// openat(2), retried when interrupted.
    public static func open(
        _ path: CString, at directory: Int32 = currentDirectory, _ flags: Flags, mode: UInt32 = 0
    ) throws(Errno) -> FileDescriptor {
        let number = try retrying { () throws(Errno) in
            try check(unsafe mews_openat(directory, path.characters, flags.rawValue, mode))
        }
        return FileDescriptor(owning: number)
    }

    /// Opens a place by a path on which no component, also not the last, may be a symbolic link.
    ///
    /// openat2(2) with RESOLVE_NO_SYMLINKS, which refuses magic links too.
    ///
    /// - Throws: `Errno.loop` when there is a link.
    public static func openWithoutLinks(
        _ path: CString, at directory: Int32 = currentDirectory
    ) throws(Errno) -> FileDescriptor {
        // Without O_NOFOLLOW, by which a link as the last component would be opened itself (openat2(2)).
        let flags = Flags([.pathOnly, .closeOnExec])
        let noSymbolicLinks: UInt64 = 0x04
        let noMagicLinks: UInt64 = 0x02
        let number = try retrying { () throws(Errno) in
            try check(
                unsafe mews_openat2(
                    directory, path.characters, UInt64(flags.rawValue), 0, noSymbolicLinks | noMagicLinks))
        }
        return FileDescriptor(owning: number)
    }

    /// The same, also where a filter around this process takes openat2(2) away, as Mews's own does, or the kernel lacks
    /// it: then step by step, so that no component is followed without having been looked at.
    ///
    /// - Throws: `Errno.loop` when there is a link.
    public static func openWithoutLinks(_ path: AbsolutePath) throws(Errno) -> FileDescriptor {
        do throws(Errno) {
            return try openWithoutLinks(CString(path))
        } catch .notImplemented {
            return try openStepByStep(path)
        }
    }

    private static func openStepByStep(_ path: AbsolutePath) throws(Errno) -> FileDescriptor {
        var place = try open(CString("/"), [.pathOnly, .directory, .closeOnExec])
        for component in path.components {
            place = try open(CString(component), at: place.number, [.pathOnly, .noFollow, .closeOnExec])
            if try status(of: place.number).kind == .symbolicLink { throw .loop }
        }
        return place
    }

    /// Opens what a relative path names below a directory, and nothing that lies elsewhere: no component, also
    /// not the last, may be a symbolic link, and `..` doesn't lead out.
    ///
    /// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS. Whoever can write below the directory may have put
    /// a FIFO or a device there: open those without waiting, and look at what was opened.
    ///
    /// - Throws: `Errno.loop` when there is a link, `Errno.crossDevice` when `..` would lead out.
    public static func open(
        _ path: CString, below directory: Int32, _ flags: Flags
    ) throws(Errno) -> FileDescriptor {
        let noMagicLinks: UInt64 = 0x02
        let noSymbolicLinks: UInt64 = 0x04
        let beneath: UInt64 = 0x08
        let number = try retrying { () throws(Errno) in
            try check(
                unsafe mews_openat2(
                    directory, path.characters, UInt64(flags.rawValue), 0,
                    noMagicLinks | noSymbolicLinks | beneath))
        }
        return FileDescriptor(owning: number)
    }

    /// A handle to a place, a last link itself included, by a path that openat2(2) resolves under the RESOLVE_…
    /// bits given.
    public static func open(
        _ path: CString, at directory: Int32 = currentDirectory, resolving how: UInt64
    ) throws(Errno) -> FileDescriptor {
        let flags = Flags([.pathOnly, .noFollow, .closeOnExec])
        let number = try retrying { () throws(Errno) in
            try check(
                unsafe mews_openat2(directory, path.characters, UInt64(flags.rawValue), 0, how))
        }
        return FileDescriptor(owning: number)
    }

    /// Sets the place of the next read (lseek(2)), from the start.
    public static func seek(_ descriptor: Int32, to offset: Int64) throws(Errno) {
        _ = try check(mews_lseek(descriptor, offset))
    }

    /// What a path names, without following a last symbolic link.
    public static func status(
        _ path: CString, at directory: Int32 = currentDirectory
    ) throws(Errno) -> FileStatus {
        try status(path, at: directory, flags: noFollowLinks)
    }

    /// What a path names, following links.
    public static func targetStatus(_ path: CString) throws(Errno) -> FileStatus {
        try status(path, at: currentDirectory, flags: 0)
    }

    /// What a descriptor names.
    public static func status(of descriptor: Int32) throws(Errno) -> FileStatus {
        try status(.empty, at: descriptor, flags: emptyPath)
    }

    /// What a descriptor names and on which mount, by its number in mountinfo, from memory: no file system is
    /// asked, so the answer comes at once also where a server or program behind it hangs (AT_STATX_DONT_SYNC).
    ///
    /// The mount is 0 where the kernel doesn't tell it (before Linux 5.8).
    public static func rememberedStatus(
        of descriptor: Int32
    ) throws(Errno) -> (status: FileStatus, mount: UInt64) {
        var found = mews_stat()
        var mount: UInt64 = 0
        _ = try check(unsafe mews_stat_cached(descriptor, &found, &mount))
        return (FileStatus(found), mount)
    }

    private static func status(
        _ path: CString, at directory: Int32, flags: Int32
    ) throws(Errno) -> FileStatus {
        var found = mews_stat()
        _ = try check(unsafe mews_stat(directory, path.characters, flags, &found))
        return FileStatus(found)
    }

    /// The text of a symbolic link.
    public static func readLink(
        _ path: CString, at directory: Int32 = currentDirectory
    ) throws(Errno) -> [UInt8] {
        // Most links are short, and longer ones than a path is there are none.
        for capacity in [256, 4096] {
            let target = try unsafe filling(capacity) {
                unsafe mews_readlinkat(directory, path.characters, $0, UInt(capacity))
            }
            if target.count < capacity || capacity == 4096 { return target }
        }
        throw .nameTooLong
    }

    /// mkdirat(2).
    public static func makeDirectory(
        _ path: CString, at directory: Int32 = currentDirectory, mode: UInt32
    ) throws(Errno) {
        _ = try check(unsafe mews_mkdirat(directory, path.characters, mode))
    }

    /// Removes a name that isn't a directory's (unlinkat(2)).
    public static func remove(_ path: CString, at directory: Int32 = currentDirectory) throws(Errno) {
        _ = try check(unsafe mews_unlinkat(directory, path.characters))
    }

    /// symlinkat(2).
    public static func makeLink(_ path: CString, to target: CString, at directory: Int32) throws(Errno) {
        _ = try check(unsafe mews_symlinkat(target.characters, directory, path.characters))
    }

    /// Gives something in a directory another name there, never that of something that exists
    /// (renameat2(2), RENAME_NOREPLACE).
    public static func rename(_ name: CString, to other: CString, in directory: Int32) throws(Errno) {
        _ = try check(unsafe mews_rename(directory, name.characters, other.characters))
    }

    /// chdir(2).
    public static func changeDirectory(_ path: CString) throws(Errno) {
        _ = try check(unsafe mews_chdir(path.characters))
    }

    /// fchdir(2).
    public static func changeDirectory(to descriptor: Int32) throws(Errno) {
        _ = try check(mews_fchdir(descriptor))
    }

    /// The path of the current directory.
    ///
    /// - Throws: `Errno.noEntry` when it has been deleted or lies outside the root.
    public static func workingDirectory() throws(Errno) -> AbsolutePath {
        var buffer = [CChar](repeating: 0, count: 4097)
        let length = try check(unsafe mews_getcwd(&buffer, 4096))
        let bytes = buffer[..<max(0, Int(length) - 1)].map { UInt8(bitPattern: $0) }
        // An unreachable directory is reported as "(unreachable)/…" (getcwd(2)).
        guard let path = AbsolutePath(bytes) else { throw .noEntry }
        return path
    }

    /// Reads once, at most `capacity` bytes; empty at the end of the file.
    public static func read(_ descriptor: Int32, atMost capacity: Int) throws(Errno) -> [UInt8] {
        try unsafe filling(capacity) { buffer in unsafe mews_read(descriptor, buffer, UInt(capacity)) }
    }

    /// Reads once from a place in the file, at most `capacity` bytes (pread(2)).
    public static func read(
        _ descriptor: Int32, atMost capacity: Int, from offset: Int64
    ) throws(Errno) -> [UInt8] {
        try unsafe filling(capacity) { buffer in unsafe mews_pread(descriptor, buffer, UInt(capacity), offset)
        }
    }

    /// Reads to the end of the file.
    ///
    /// - Returns: nil when there are more bytes than `limit`.
    public static func readAll(_ descriptor: Int32, limit: Int) throws(Errno) -> [UInt8]? {
        var all: [UInt8] = []
        while true {
            // Most of what is read whole is small: a large buffer would cost more than the read, in pages
            // that the kernel has to make and the allocator gives back at once.
            let room = min(max(4096, all.count), 65_536)
            let piece = try read(descriptor, atMost: min(room, limit + 1 - all.count))
            if piece.isEmpty { return all }
            if all.isEmpty { all = piece } else { all += piece }
            if all.count > limit { return nil }
        }
    }

    /// Writes once; the number of bytes taken.
    public static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
        try retrying { () throws(Errno) in
            try check(
                unsafe bytes.withUnsafeBytes { unsafe mews_write(descriptor, $0.baseAddress, UInt($0.count)) }
            )
        }
    }

    /// Writes everything, however many calls it takes.
    public static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try write(descriptor, rest))
        }
    }

    /// The names in a directory, without `.` and `..`, in the order of the file system, with their kinds
    /// where the file system tells them (getdents64(2)).
    public static func entries(of directory: Int32) throws(Errno) -> [DirectoryEntry] {
        var found: [DirectoryEntry] = []
        // Two pages hold some two hundred names, more than most directories have.
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let length = try check(unsafe mews_getdents(directory, &buffer, UInt(buffer.count)))
            if length == 0 { return found }
            DirectoryEntry.parse(buffer[..<length], into: &found)
        }
    }

    /// Lists a directory until so many entries were passed, `.` and `..` among them, without looking at them
    /// (getdents64(2)): a file system in user space then has told the kernel of them.
    public static func passOver(_ count: Int, entriesOf directory: Int32) throws(Errno) {
        // What the kernel takes over for a name is larger than what it hands out, and a file system is asked
        // for as much as the buffer would hold.
        var buffer = [UInt8](repeating: 0, count: min(max(4096, count * 192), 65_536))
        var passed = 0
        while passed < count {
            let length = try check(unsafe mews_getdents(directory, &buffer, UInt(buffer.count)))
            if length == 0 { return }
            passed += DirectoryEntry.count(in: buffer[..<length])
        }
    }

    /// fcntl(2) F_GETFL: the status flags of a descriptor.
    public static func statusFlags(of descriptor: Int32) throws(Errno) -> Flags {
        Flags(rawValue: try check(mews_fcntl(descriptor, 3, 0)))
    }

    /// Puts a copy of a descriptor, not closed by execve(2), at a number of the caller's choice.
    public static func duplicate(_ descriptor: Int32, to number: Int32) throws(Errno) {
        _ = try check(mews_dup3(descriptor, number, 0))
    }

    /// A copy of a descriptor at the lowest free number from `minimum` on, closed by execve(2).
    public static func duplicate(_ descriptor: Int32, from minimum: Int32) throws(Errno) -> FileDescriptor {
        FileDescriptor(owning: try check(mews_fcntl(descriptor, duplicateClosedOnExec, Int(minimum))))
    }

    /// Closes every descriptor in the range.
    public static func close(from first: Int32, through last: UInt32 = .max) throws(Errno) {
        _ = try check(mews_close_range(UInt32(first), last, 0))
    }

    /// Closes every descriptor but those given.
    public static func closeAll(except kept: [Int32]) throws(Errno) {
        var first: Int32 = 0
        for number in kept.sorted() {
            if number > first { try close(from: first, through: UInt32(number - 1)) }
            first = number + 1
        }
        try close(from: first)
    }

    /// Lets reads and writes of an open file fail rather than wait (fcntl(2), O_NONBLOCK).
    public static func setNonBlocking(_ descriptor: Int32) throws(Errno) {
        let setStatusFlags: Int32 = 4
        let flags = try statusFlags(of: descriptor).union(.nonBlocking)
        _ = try check(mews_fcntl(descriptor, setStatusFlags, Int(flags.rawValue)))
    }

    /// fchmod(2).
    public static func setMode(of descriptor: Int32, _ mode: UInt32) throws(Errno) {
        _ = try check(mews_fchmod(descriptor, mode))
    }

    /// The permission bits that new files don't get (umask(2)).
    ///
    /// - Returns: those before.
    public static func setCreationMask(_ mask: UInt32) -> UInt32 {
        mews_umask(mask)
    }

    /// pipe2(2), closed by execve(2).
    public static func pipe() throws(Errno) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        _ = try check(unsafe mews_pipe2(&ends, Flags.closeOnExec.rawValue))
        return DescriptorPair(first: FileDescriptor(owning: ends[0]), second: FileDescriptor(owning: ends[1]))
    }

    /// How much a pipe holds (F_SETPIPE_SZ of fcntl(2)).
    ///
    /// - Throws: `Errno.notPermitted` when the user's pipes hold as much as they may (pipe(7)).
    public static func setPipeCapacity(_ pipe: Int32, _ bytes: Int) throws(Errno) {
        _ = try check(mews_fcntl(pipe, 1031, bytes))
    }
}
