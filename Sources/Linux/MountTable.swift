/// The mounts of this process's namespace (proc_pid_mountinfo(5)), as far as look-ups need them.
public struct MountTable: Sendable {
    /// One mount.
    public struct Mount: Hashable, Sendable {
        /// The number that statx(2) and /proc/PID/fdinfo give.
        public let identifier: UInt64
        /// Where it is mounted, from this process's root.
        public let point: AbsolutePath
        /// Its file system, such as `ext4` or `fuse.sshfs`.
        public let type: [UInt8]
    }

    /// All mounts, in the kernel's order.
    public let mounts: [Mount]

    /// Reads the text of mountinfo; lines that make no sense are left out.
    public init(_ text: [UInt8]) {
        mounts = text.split(separator: UInt8(ascii: "\n")).compactMap(Self.mount)
    }

    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "))
        // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
        guard fields.count >= 9, let identifier = UInt64(String(decoding: fields[0], as: UTF8.self)),
            let point = AbsolutePath(unescape(fields[4])),
            let separator = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
            separator + 1 < fields.count
        else { return nil }
        return Mount(identifier: identifier, point: point, type: Array(fields[separator + 1]))
    }

    /// Space, tab, newline and backslash stand as `\` and three octal digits.
    static func unescape(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// Whether it is a file system of this machine that answers by itself: nothing over a network, nothing
    /// served by a program, nothing that mounts on being looked at. What isn't known isn't trusted.
    public static func isLocal(_ type: [UInt8]) -> Bool {
        local.contains { type.elementsEqual($0.utf8) }
    }

    private static let local = [
        "ext4", "tmpfs", "overlay", "btrfs", "xfs", "ext3", "ext2", "f2fs", "zfs", "bcachefs", "vfat",
        "exfat",
        "ntfs3", "iso9660", "udf", "squashfs", "erofs", "proc", "sysfs", "devtmpfs", "devpts", "cgroup2",
        "cgroup",
        "ramfs", "rootfs", "mqueue", "hugetlbfs", "securityfs", "debugfs", "tracefs", "configfs", "bpf",
        "pstore",
        "efivarfs", "binfmt_misc", "fusectl", "nsfs", "jfs", "reiserfs", "nilfs2", "minix", "hfsplus",
        "cramfs",
        "romfs", "aufs", "selinuxfs", "binder", "pipefs",
    ]
}
