internal import Linux

/// What a call does to which paths, by the places of its arguments.
struct CallShape: Hashable, Sendable {
    /// What is done.
    enum Act: Hashable, Sendable {
        /// Opened, with open(2)'s flags in this register.
        case open(flags: Int)
        /// Opened as creat(2) does.
        case create
        /// A directory comes into being.
        case makeDirectory
        /// A node, socket or link comes into being.
        case makeNode
        /// A second name; the first path is the old one.
        case link
        /// A name goes; a directory's if the register has AT_REMOVEDIR.
        case remove(flags: Int?)
        /// A directory goes.
        case removeDirectory
        /// A name moves, with renameat2(2)'s flags.
        case rename(flags: Int?)
        /// A file is cut.
        case truncate
        /// Mode, owner, times or extended attributes change.
        case attributes
        /// A program is run.
        case execute
        /// A socket in the file system is reached.
        case connect
    }

    /// Where a path comes from.
    struct Path: Hashable, Sendable {
        /// The register of the directory's descriptor; nil is the working directory.
        var directory: Int?
        /// The register that points to the text; nil when the descriptor itself is meant.
        var text: Int?
        /// Whether the text is a socket address, with its length in the next register.
        var isAddress = false
        /// Whether a link at the end is followed, without flags that say otherwise.
        var follows = false
        /// The register of flags with AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW and AT_EMPTY_PATH.
        var flags: Int?

        /// A path in a register.
        static func at(
            _ text: Int, in directory: Int? = nil, follows: Bool = false, flags: Int? = nil
        ) -> Path {
            Path(directory: directory, text: text, follows: follows, flags: flags)
        }

        /// An open descriptor in a register.
        static func descriptor(_ register: Int) -> Path { Path(directory: register, text: nil) }

        /// A socket address in a register.
        static func address(_ register: Int, follows: Bool) -> Path {
            Path(directory: nil, text: register, isAddress: true, follows: follows)
        }
    }

    let act: Act
    let path: Path
    var second: Path?

    private init(_ act: Act, _ path: Path, _ second: Path? = nil) {
        self.act = act
        self.path = path
        self.second = second
    }

    /// The shape of a call by its name; nil for one that names no path.
    init?(_ name: String) {
        guard let shape = Self.naming(name) ?? Self.changing(name) ?? Self.attributes(name) else {
            return nil
        }
        self = shape
    }

    private static func naming(_ name: String) -> CallShape? {
        switch name {
        case "unlink": CallShape(.remove(flags: nil), .at(0))
        case "unlinkat": CallShape(.remove(flags: 2), .at(1, in: 0))
        case "rmdir": CallShape(.removeDirectory, .at(0))
        case "rename": CallShape(.rename(flags: nil), .at(0), .at(1))
        case "renameat": CallShape(.rename(flags: nil), .at(1, in: 0), .at(3, in: 2))
        case "renameat2": CallShape(.rename(flags: 4), .at(1, in: 0), .at(3, in: 2))
        case "link": CallShape(.link, .at(0), .at(1))
        case "linkat": CallShape(.link, .at(1, in: 0, flags: 4), .at(3, in: 2))
        case "symlink": CallShape(.makeNode, .at(1))
        case "symlinkat": CallShape(.makeNode, .at(2, in: 1))
        case "mkdir": CallShape(.makeDirectory, .at(0))
        case "mkdirat": CallShape(.makeDirectory, .at(1, in: 0))
        case "mknod": CallShape(.makeNode, .at(0))
        case "mknodat": CallShape(.makeNode, .at(1, in: 0))
        default: nil
        }
    }

    private static func changing(_ name: String) -> CallShape? {
        switch name {
        case "open": CallShape(.open(flags: 1), .at(0, follows: true))
        case "openat": CallShape(.open(flags: 2), .at(1, in: 0, follows: true))
        case "creat": CallShape(.create, .at(0, follows: true))
        case "truncate": CallShape(.truncate, .at(0, follows: true))
        case "bind": CallShape(.makeNode, .address(1, follows: false))
        case "execve": CallShape(.execute, .at(0, follows: true))
        case "execveat": CallShape(.execute, .at(1, in: 0, follows: true, flags: 4))
        case "connect": CallShape(.connect, .address(1, follows: true))
        case "sendto": CallShape(.connect, .address(4, follows: true))
        default: nil
        }
    }

    private static func attributes(_ name: String) -> CallShape? {
        switch name {
        case "chmod", "chown", "utime", "utimes", "setxattr", "removexattr":
            CallShape(.attributes, .at(0, follows: true))
        case "lchown", "lsetxattr", "lremovexattr": CallShape(.attributes, .at(0))
        case "fchmod", "fchown", "fsetxattr", "fremovexattr": CallShape(.attributes, .descriptor(0))
        case "fchmodat", "futimesat": CallShape(.attributes, .at(1, in: 0, follows: true))
        case "fchmodat2", "utimensat": CallShape(.attributes, .at(1, in: 0, follows: true, flags: 3))
        case "fchownat": CallShape(.attributes, .at(1, in: 0, follows: true, flags: 4))
        default: nil
        }
    }
}
