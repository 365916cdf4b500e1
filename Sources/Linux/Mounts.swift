internal import CLinux

/// The file-descriptor based mount calls (open_tree(2), move_mount(2), mount_setattr(2), fsopen(2)).
public enum Mounts {
    /// Attributes of a mount (mount_setattr(2)).
    public struct Attributes: OptionSet, Sendable, Hashable {
        /// The kernel's bits.
        public let rawValue: UInt64

        /// Wraps the kernel's bits.
        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// Nothing below can be written.
        public static let readOnly = Attributes(rawValue: 0x1)
        /// Set-user-ID bits and file capabilities have no effect.
        public static let noSetUserID = Attributes(rawValue: 0x2)
        /// Device nodes can't be opened.
        public static let noDevices = Attributes(rawValue: 0x4)
        /// Nothing can be executed.
        public static let noExecution = Attributes(rawValue: 0x8)
    }

    private static let clone: UInt32 = 1
    private static let closeOnExec: UInt32 = 0o2000000
    private static let recursive: UInt32 = 0x8000
    private static let noFollow: UInt32 = 0x100
    private static let emptyPath: UInt32 = 0x1000
    private static let privatePropagation: UInt64 = 1 << 18

    /// Makes every mount of this mount namespace private: what is mounted later, here or outside, stays
    /// on its side (mount_namespaces(7)).
    public static func makeAllPrivate() throws(Errno) {
        let root = CString(AbsolutePath.root)
        _ = try check(
            unsafe mews_mount_setattr(
                Files.currentDirectory, root.characters, recursive, 0, 0, privatePropagation))
    }

    /// A detached copy of the tree at a path, whose last component isn't followed when it is a link.
    ///
    /// With submounts it takes along what is mounted below. That is needed for a tree of the host: a copy
    /// without them would uncover what they hide, which the kernel refuses (EINVAL).
    public static func clone(
        _ path: CString, at directory: Int32 = Files.currentDirectory, submounts: Bool
    ) throws(Errno) -> FileDescriptor {
        let flags = clone | closeOnExec | noFollow | (submounts ? recursive : 0)
        return FileDescriptor(owning: try check(unsafe mews_open_tree(directory, path.characters, flags)))
    }

    /// Adds attributes to a tree and everything mounted below it.
    public static func add(_ attributes: Attributes, to tree: Int32) throws(Errno) {
        _ = try check(
            unsafe mews_mount_setattr(
                tree, CString.empty.characters, emptyPath | recursive, attributes.rawValue, 0, 0))
    }

    /// Takes attributes from a tree and everything mounted below it that this mount namespace gave it itself.
    public static func remove(_ attributes: Attributes, from tree: Int32) throws(Errno) {
        _ = try check(
            unsafe mews_mount_setattr(
                tree, CString.empty.characters, emptyPath | recursive, 0, attributes.rawValue, 0))
    }

    /// Adds attributes to the mount at a path.
    public static func add(_ attributes: Attributes, toPath path: CString) throws(Errno) {
        _ = try check(
            unsafe mews_mount_setattr(
                Files.currentDirectory, path.characters, noFollow, attributes.rawValue, 0, 0))
    }

    /// Attaches a detached tree at a path below a directory.
    public static func attach(
        _ tree: Int32, at path: CString, below directory: Int32 = Files.currentDirectory
    ) throws(Errno) {
        let emptySource: UInt32 = 0x4
        _ = try check(unsafe mews_move_mount(tree, directory, path.characters, emptySource))
    }

    /// A new file system, detached (fsopen(2), fsconfig(2), fsmount(2)).
    public static func make(
        _ type: CString, options: [(key: CString, value: CString)] = [], _ attributes: Attributes
    ) throws(Errno) -> FileDescriptor {
        let context = FileDescriptor(owning: try check(unsafe mews_fsopen(type.characters)))
        for option in options {
            _ = try check(
                unsafe mews_fsconfig_string(
                    context.number, option.key.characters, option.value.characters))
        }
        _ = try check(mews_fsconfig_create(context.number))
        return FileDescriptor(owning: try check(mews_fsmount(context.number, UInt32(attributes.rawValue))))
    }

    /// Makes a mount that a path names the root, and lets go of the old root and all that is mounted there.
    ///
    /// Unlike `enterRoot()` it never changes into the new root, for which a file system in user space would
    /// have to be asked: who stood in the old root stands in the new one afterwards (pivot_root(2), "NOTES").
    public static func enterRoot(at path: CString) throws(Errno) {
        let top = CString(AbsolutePath.root)
        try Files.changeDirectory(top)
        _ = try check(unsafe mews_pivot_root(path.characters, path.characters))
        // The old root lies on top of the new one, and that is what the path leads to.
        let detach: Int32 = 2
        _ = try check(unsafe mews_umount(top.characters, detach))
    }

    /// Makes the current directory, a mount, the root, and lets go of the old root and all that is mounted
    /// there (pivot_root(2), "pivot_root(".", ".")").
    public static func enterRoot() throws(Errno) {
        let here = CString(".")
        _ = try check(unsafe mews_pivot_root(here.characters, here.characters))
        let detach: Int32 = 2
        _ = try check(unsafe mews_umount(here.characters, detach))
        try Files.changeDirectory(CString(AbsolutePath.root))
    }
}
