/// What the skeleton tells of a node (struct fuse_attr of linux/fuse.h).
struct FuseAttributes: Equatable {
    /// The kind of a node.
    enum Kind: UInt32 {
        case directory = 0o040000
        case file = 0o100000
        case link = 0o120000

        /// As getdents64(2) has it.
        var entryType: UInt32 { rawValue >> 12 }
    }

    var node: UInt64
    var kind: Kind
    var permissions: UInt32
    var size: UInt64 = 0
    var links: UInt32 = 1
    var user: UInt32
    var group: UInt32
    /// All three times, in nanoseconds since 1970.
    var time: Int64

    /// The size of the structure.
    static let size = 88

    /// Appends the structure.
    func write(to writer: inout FuseWriter) {
        writer.long(node)
        writer.long(size)
        writer.long((size + 511) / 512)
        let seconds = UInt64(max(0, time) / 1_000_000_000)
        let nanoseconds = UInt32(max(0, time) % 1_000_000_000)
        for _ in 0..<3 { writer.long(seconds) }
        for _ in 0..<3 { writer.word(nanoseconds) }
        writer.word(kind.rawValue | permissions)
        writer.word(links)
        writer.word(user)
        writer.word(group)
        writer.word(0)
        writer.word(4096)
        writer.word(0)
    }
}
