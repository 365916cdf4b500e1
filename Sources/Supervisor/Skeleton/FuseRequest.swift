/// A request of the kernel to the skeleton, read from its bytes (fuse(4), linux/fuse.h).
struct FuseRequest: Equatable {
    /// What the kernel wants.
    enum Operation: Equatable {
        /// The two versions of the protocol that it speaks.
        case initialize(major: UInt32, minor: UInt32)
        /// A name in the directory.
        case lookUp(name: [UInt8])
        /// It let go of nodes, as many times as they were told to it; never answered.
        case forget([Forgotten])
        /// What stat(2) tells.
        case attributes
        /// The text of a link.
        case readLink
        /// Opening a file.
        case openFile
        /// Opening a directory.
        case openDirectory
        /// Names in a directory from an offset on, in at most `size` bytes.
        case list(offset: UInt64, size: UInt32, withAttributes: Bool)
        /// access(2) or chdir(2), with the bits of access(2).
        case access(mask: UInt32)
        /// statfs(2).
        case statistics
        /// The end of something that was opened, which is only to be acknowledged.
        case close
        /// Other attributes.
        case changeAttributes
        /// Anything else that would change the file system.
        case change
        /// A word to the server; never answered.
        case notice
        /// Something that this server doesn't know.
        case other
        /// Something whose body can't be read.
        case malformed
    }

    /// Nodes that the kernel let go of.
    struct Forgotten: Equatable {
        /// Which.
        let node: UInt64
        /// How many answers it had.
        let count: UInt64
    }

    /// The number that the answer repeats.
    let number: UInt64
    /// The node that it is about.
    let node: UInt64
    /// The thread that asks, by its number inside; 0 when it isn't of the sandbox.
    let thread: Int32
    /// What is asked.
    let operation: Operation

    /// The size of the header: length, opcode, unique, nodeid, uid, gid, pid, total_extlen, padding.
    static let headerSize = 40

    /// Reads a request; nil when there is no whole header, or the length in it isn't that of the bytes.
    init?(_ bytes: [UInt8]) {
        var reader = FuseReader(bytes[...])
        guard bytes.count >= Self.headerSize, let length = reader.word(), length == bytes.count,
            let code = reader.word(), let number = reader.long(), let node = reader.long(),
            reader.skip(8), let thread = reader.word(), reader.skip(4)
        else { return nil }
        self.number = number
        self.node = node
        self.thread = Int32(bitPattern: thread)
        operation = Self.operation(code, node, &reader)
    }

    private static func operation(_ code: UInt32, _ node: UInt64, _ body: inout FuseReader) -> Operation {
        switch code {
        case 1: body.name().map { .lookUp(name: $0) } ?? .malformed
        case 2: .forget(body.long().map { [Forgotten(node: node, count: $0)] } ?? [])
        case 3: .attributes
        case 5: .readLink
        case 4: .changeAttributes
        // SYMLINK, MKNOD, MKDIR, UNLINK, RMDIR, RENAME, LINK, WRITE, SETXATTR, REMOVEXATTR, CREATE,
        // FALLOCATE, RENAME2, COPY_FILE_RANGE, TMPFILE
        case 6, 8...13, 16, 21, 24, 35, 43, 45, 47, 51: .change
        case 14: .openFile
        case 17: .statistics
        // RELEASE, FSYNC, FLUSH, RELEASEDIR, FSYNCDIR, DESTROY
        case 18, 20, 25, 29, 30, 38: .close
        case 26: initialization(&body)
        case 27: .openDirectory
        case 28: list(&body, withAttributes: false)
        case 34: body.word().map { .access(mask: $0) } ?? .malformed
        // INTERRUPT, which may be ignored because every answer comes at once, and NOTIFY_REPLY
        case 36, 41: .notice
        case 42: .forget(batch(&body))
        case 44: list(&body, withAttributes: true)
        default: .other
        }
    }

    private static func initialization(_ body: inout FuseReader) -> Operation {
        guard let major = body.word(), let minor = body.word() else { return .malformed }
        return .initialize(major: major, minor: minor)
    }

    private static func list(_ body: inout FuseReader, withAttributes: Bool) -> Operation {
        guard body.skip(8), let offset = body.long(), let size = body.word() else { return .malformed }
        return .list(offset: offset, size: size, withAttributes: withAttributes)
    }

    /// As many as there are, whatever their announced number.
    private static func batch(_ body: inout FuseReader) -> [Forgotten] {
        guard let count = body.word(), body.skip(4) else { return [] }
        var found: [Forgotten] = []
        while found.count < count, let node = body.long(), let times = body.long() {
            found.append(Forgotten(node: node, count: times))
        }
        return found
    }
}
