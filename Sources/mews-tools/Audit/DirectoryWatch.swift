internal import Glibc
internal import Linux

/// Waits for files in a directory to change (inotify(7)).
struct DirectoryWatch: ~Copyable {
    /// What happened since it was asked last.
    enum Change {
        /// These files were made or written to.
        case files(Set<[UInt8]>)
        /// More than the kernel keeps: any of them may have been.
        case anything
        /// The directory is gone.
        case gone
    }

    private let descriptor: FileDescriptor

    /// Begins to watch.
    ///
    /// - Throws: `Errno.noEntry` when there is no such directory.
    init(_ path: AbsolutePath) throws(Errno) {
        descriptor = try Self.watch(path)
    }

    private static func watch(_ path: AbsolutePath) throws(Errno) -> FileDescriptor {
        let number = inotify_init1(Int32(IN_CLOEXEC))
        guard number >= 0 else { throw Errno(errno) }
        let descriptor = FileDescriptor(owning: number)
        let events = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
        let text = path.bytes.map { CChar(bitPattern: $0) } + [0]
        guard unsafe inotify_add_watch(number, text, events) >= 0 else { throw Errno(errno) }
        return descriptor
    }

    /// Waits for the next change.
    func next() throws(Errno) -> Change {
        // An event has a header of 16 bytes and a name of at most 255 with its NUL.
        let bytes = try Files.read(descriptor.number, atMost: 65_536)
        var names: Set<[UInt8]> = []
        var rest = bytes[...]
        while rest.count >= 16 {
            let mask = Self.word(rest, at: 4)
            let length = Int(Self.word(rest, at: 12))
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { return .anything }
            if mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) != 0 { return .gone }
            names.insert(Array(rest.dropFirst(16).prefix(length).prefix { $0 != 0 }))
            rest = rest.dropFirst(16 + length)
        }
        return .files(names)
    }

    private static func word(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        let start = bytes.startIndex + offset
        return (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32($1 * 8) }
    }
}
