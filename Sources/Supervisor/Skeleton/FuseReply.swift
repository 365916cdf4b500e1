internal import Linux

/// The body of an answer to the kernel, and the whole of it.
struct FuseReply: Equatable {
    /// Zero or what failed.
    let errno: Errno?
    /// What follows the header; nothing after an error.
    let body: [UInt8]

    /// The size of the header: length, error, unique.
    static let headerSize = 16

    /// How long the kernel may believe what it was told, in nanoseconds.
    enum Validity {
        /// As long as the file system is mounted: a mount whose mount point the kernel asks for again and can't
        /// find would be taken away.
        static let always: Int64 = (1 << 31) * 1_000_000_000
        /// While a program tries the same again and again.
        static let moment: Int64 = 1_000_000_000
        static let none: Int64 = 0
    }

    init(errno: Errno? = nil, body: [UInt8] = []) {
        self.errno = errno
        self.body = body
    }

    /// Success with nothing to tell.
    static let done = FuseReply()

    static func failed(_ errno: Errno) -> FuseReply { FuseReply(errno: errno) }

    /// The header and the body.
    func bytes(for request: UInt64) -> [UInt8] {
        var writer = FuseWriter(capacity: Self.headerSize + body.count)
        writer.word(UInt32(Self.headerSize + body.count))
        writer.word(UInt32(bitPattern: -(errno?.code ?? 0)))
        writer.long(request)
        writer.append(body)
        return writer.bytes
    }

    /// The version that both sides can speak, and what of it is used. `struct fuse_init_out`.
    ///
    /// Listings come with attributes, so that the kernel knows all entries of a directory after one; links are
    /// cached; lookups in one directory don't wait for each other. There is no ENOSYS for the calls that the
    /// kernel would then answer by itself.
    static func initialized(minor: UInt32) -> FuseReply {
        let doReadDirectoryPlus: UInt32 = 1 << 13
        let parallelDirectoryOperations: UInt32 = 1 << 18
        let cacheLinks: UInt32 = 1 << 23
        var writer = FuseWriter()
        writer.word(7)
        writer.word(min(minor, 31))
        // max_readahead; nothing is ever read.
        writer.word(0)
        writer.word(doReadDirectoryPlus | parallelDirectoryOperations | cacheLinks)
        // max_background, congestion_threshold: the kernel's own.
        writer.word(0)
        // max_write: the least that the kernel takes.
        writer.word(4096)
        // time_gran
        writer.word(1)
        for _ in 0..<9 { writer.word(0) }
        return FuseReply(body: writer.bytes)
    }

    /// A name was found. `struct fuse_entry_out`.
    static func entry(_ attributes: FuseAttributes, validity: Int64, attributeValidity: Int64) -> FuseReply {
        var writer = FuseWriter()
        writeEntry(attributes, validity, attributeValidity, to: &writer)
        return FuseReply(body: writer.bytes)
    }

    /// There is no such name, and the kernel may say so itself for a moment.
    static let absent: FuseReply = {
        var writer = FuseWriter()
        writer.long(0)
        writer.long(0)
        writer.long(UInt64(Validity.moment / 1_000_000_000))
        for _ in 0..<2 { writer.long(0) }
        writer.append([UInt8](repeating: 0, count: FuseAttributes.size))
        return FuseReply(body: writer.bytes)
    }()

    /// `struct fuse_attr_out`.
    static func attributes(_ attributes: FuseAttributes, validity: Int64) -> FuseReply {
        var writer = FuseWriter()
        writer.long(UInt64(validity / 1_000_000_000))
        writer.long(0)
        attributes.write(to: &writer)
        return FuseReply(body: writer.bytes)
    }

    /// A directory was opened. `struct fuse_open_out`.
    static let opened = FuseReply(body: [UInt8](repeating: 0, count: 16))

    /// Nothing can be stored. `struct fuse_kstatfs`.
    static let statistics: FuseReply = {
        var writer = FuseWriter()
        for _ in 0..<5 { writer.long(0) }
        // bsize, namelen, frsize
        writer.word(4096)
        writer.word(255)
        writer.word(4096)
        for _ in 0..<7 { writer.word(0) }
        return FuseReply(body: writer.bytes)
    }()

    static let entrySize = 40 + FuseAttributes.size

    static func writeEntry(
        _ attributes: FuseAttributes, _ validity: Int64, _ attributeValidity: Int64,
        to writer: inout FuseWriter
    ) {
        writer.long(attributes.node)
        // The generation: a number is never used twice.
        writer.long(0)
        writer.long(UInt64(validity / 1_000_000_000))
        writer.long(UInt64(attributeValidity / 1_000_000_000))
        writer.long(0)
        attributes.write(to: &writer)
    }
}
