internal import CLinux

/// What stat(2) tells of a file.
public struct FileStatus: Hashable, Sendable {
    /// The kind of a file (inode(7)).
    public enum Kind: Sendable {
        /// A regular file.
        case regular
        /// A directory.
        case directory
        /// A symbolic link.
        case symbolicLink
        /// A character device.
        case characterDevice
        /// A block device.
        case blockDevice
        /// A named or unnamed pipe.
        case pipe
        /// A socket.
        case socket
        /// Something without a place in a file system, such as an event descriptor.
        case other
    }

    /// Which file it is, among those that exist at one time.
    public struct Identity: Hashable, Sendable {
        /// The device of the file system.
        public let device: UInt64
        /// The inode.
        public let inode: UInt64

        /// Joins the two numbers.
        public init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    /// Which file it is.
    public let identity: Identity
    /// What kind of file it is.
    public let kind: Kind
    /// Type and permission bits.
    public let mode: UInt32
    /// The owner.
    public let uid: UInt32
    /// The group.
    public let gid: UInt32
    /// The size in bytes.
    public let size: UInt64
    /// The number of names; of a directory also its subdirectories.
    public let links: UInt32
    /// The device that a device node stands for.
    public let special: UInt64
    /// When the content was last changed, as far as the file says.
    public let modified: FileTime
    /// When content or status was last changed, by the clock of the file system: no call sets it to another time.
    /// 1970 where the status was taken from memory alone.
    public let changed: FileTime

    init(_ found: mews_stat) {
        identity = Identity(device: found.device, inode: found.inode)
        mode = found.mode
        uid = found.uid
        gid = found.gid
        size = found.size
        links = found.links
        special = found.special
        modified = FileTime(
            seconds: found.modified_seconds, nanoseconds: found.modified_nanoseconds)
        changed = FileTime(seconds: found.changed_seconds, nanoseconds: found.changed_nanoseconds)
        kind =
            switch found.mode & 0o170000 {
            case 0o100000: .regular
            case 0o040000: .directory
            case 0o120000: .symbolicLink
            case 0o020000: .characterDevice
            case 0o060000: .blockDevice
            case 0o010000: .pipe
            case 0o140000: .socket
            default: .other
            }
    }

    /// Whether it is a directory.
    public var isDirectory: Bool { kind == .directory }

    /// Whether it is the character device of these numbers (makedev(3)).
    public func isCharacterDevice(major: UInt64, minor: UInt64) -> Bool {
        kind == .characterDevice
            && special
                == ((major & 0xfff) << 8 | (major & ~0xfff) << 32 | (minor & 0xff) | (minor & ~0xff) << 12)
    }
}
