/// Entries of a directory as the kernel wants them, as many as fit (struct fuse_dirent, fuse_direntplus).
struct FuseListing {
    private var writer: FuseWriter
    private let size: Int
    private let withAttributes: Bool

    /// No answer is longer, whatever the kernel asks for: two hundred entries, and more come with the next
    /// request.
    static let largest: UInt32 = 65_536

    init(size: UInt32, withAttributes: Bool) {
        self.size = Int(min(size, Self.largest))
        self.withAttributes = withAttributes
        writer = FuseWriter(capacity: self.size)
    }

    /// Adds an entry, behind which is the offset `next`; false when it doesn't fit.
    ///
    /// `.` and `..` are references: told without attributes, because the kernel knows them.
    mutating func add(
        _ name: some Collection<UInt8>, _ attributes: FuseAttributes, isReference: Bool, next: UInt64
    ) -> Bool {
        let header = 24
        let length = (header + name.count + 7) / 8 * 8 + (withAttributes ? FuseReply.entrySize : 0)
        guard writer.bytes.count + length <= size else { return false }
        if withAttributes {
            if isReference {
                writer.append([UInt8](repeating: 0, count: FuseReply.entrySize))
            } else {
                FuseReply.writeEntry(
                    attributes, FuseReply.Validity.always, FuseReply.Validity.always, to: &writer)
            }
        }
        writer.long(attributes.node)
        writer.long(next)
        writer.word(UInt32(name.count))
        writer.word(attributes.kind.entryType)
        writer.append(name)
        writer.align()
        return true
    }

    /// The answer; empty at the end of the directory.
    var reply: FuseReply { FuseReply(body: writer.bytes) }
}
