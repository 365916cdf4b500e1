public import Linux
public import Network

/// One step of building the sandbox, done by the child in the order of the plan.
///
/// An operation holds all it needs in the form in which the kernel takes it: between the clone and the
/// exec nothing is looked up, decided or formatted.
public enum Operation: Sendable {
    /// Ends with the supervisor, whatever happens to that.
    case endWithParent
    /// Maps one user and one group to themselves.
    case mapIdentity(user: CString, group: CString)
    /// Keeps mounts of the host and of the sandbox apart.
    case makeMountsPrivate
    /// Makes the empty network namespace a place where every address is the loopback interface.
    case captureNetwork
    /// Listens there.
    case listen(NetworkListener)
    /// Makes what tells of refused connections and of whose they are, and hands the network's sockets to the
    /// supervisor; none of them stays here.
    case handOverNetwork
    /// Takes a detached copy of a tree of the host into the next slot.
    case cloneTree(TreeClone)
    /// Makes the one scratch file system, with everything in it that isn't the root of the view.
    case makeScratch(Scratch)
    /// Makes the root of the view and attaches it; what is mounted later, is mounted below it.
    case makeRoot([ScratchNode])
    /// The same with a file system that the supervisor answers for.
    case makeSkeletonRoot(SkeletonRoot)
    /// Mounts the sandbox's own process file system; for root with what only root may read covered.
    case mountProcesses(processLimit: CString?, isRoot: Bool)
    /// Mounts the device directory.
    case mountDevices([Device])
    /// Attaches a copy of a tree below the root.
    case attach(Attachment)
    /// Makes the new root the only one.
    case enterRoot
    /// Names the host.
    case setHostName(CString)
    /// Leaves the caller's keyring.
    case joinNewKeyring
    /// The same, unless a filter around this process refuses it, as a container's does, and with it every use of a
    /// keyring; the session's own filter does the latter in any case.
    case joinNewKeyringIfPermitted
    /// Sets a limit, soft and hard, never above the hard one that holds.
    case setLimit(Resource, UInt64)
    /// Changes into the directory where the command starts.
    case changeDirectory(CString)
    /// Opens a pseudo-terminal of the sandbox and hands its other side to the supervisor.
    case makeTerminal(CommandTerminal)
    /// Gives up all capabilities for good.
    case dropCapabilities
    /// Makes set-user-ID programs ordinary.
    case refuseNewPrivileges
    /// Gives up all capabilities where there are no namespaces, for good where the right to change the bounding set
    /// is there; without it no program gives one back to a process that takes no new privileges.
    case giveUpCapabilities
    /// Takes every descendant whose parent ends for its own child, so that all of them can be ended.
    case becomeReaper
    /// Opens a place that Landlock will allow something on, into the next slot, and compares it.
    case hold(HeldPlace)
    /// Tells the supervisor that nothing is needed of it any more before the command may start.
    case reportBuilt
    /// The second wall, or the first where there are no namespaces.
    case enforceLandlock(LandlockWall)
    /// Init's filter of system calls; last, because it refuses most of the above. The command's process has its
    /// own (``CommandFilter``).
    case loadFilter([UInt64])
}

/// A tree of the host to copy.
public struct TreeClone: Sendable {
    /// Its path, without links.
    public let path: CString
    /// Which file was found there when the plan was made.
    public let identity: FileStatus.Identity
    /// What the copy may not be used for.
    public let attributes: Mounts.Attributes
}

/// A place of the host that is used where it is.
public struct HeldPlace: Sendable {
    /// What was found there when the plan was made.
    public enum Expected: Sendable {
        /// This file or directory.
        case file(FileStatus.Identity)
        /// The character device with this number.
        case device(UInt64)
    }

    /// Its path, without links.
    public let path: CString
    /// What has to be there.
    public let expected: Expected
}

/// A directory, file or link of the scratch file system.
public struct ScratchNode: Sendable {
    /// What is made.
    public enum Kind: Sendable {
        /// A directory with permission bits.
        case directory(mode: UInt32)
        /// A file with permission bits and content.
        case file(mode: UInt32, content: [UInt8])
        /// A symbolic link.
        case link(CString)
    }

    /// Where, relative to the scratch file system.
    public let path: CString
    /// What.
    public let kind: Kind
}

/// The scratch file system: one superblock for the root of the view, /tmp, /dev and all the small things.
public struct Scratch: Sendable {
    /// The limit of bytes, as tmpfs(5) takes it.
    public let size: CString
    /// The limit of files.
    public let nodeLimit: CString
    /// What is made in it besides the root.
    public let nodes: [ScratchNode]
}

/// A device of the host that is shown.
public struct Device: Sendable {
    /// On the host.
    public let hostPath: CString
    /// Relative to the new root.
    public let destination: CString
    /// The number it must have.
    public let number: UInt64
}

/// A mount to make.
public struct Attachment: Sendable {
    /// What is attached.
    public enum Source: Sendable {
        /// The tree in a slot.
        case slot(Int)
        /// A part of the scratch file system, with the attributes of this mount.
        case scratch(CString, Mounts.Attributes)
        /// A masked place that the skeleton answers for, by its name among them.
        case mask(CString)
    }

    /// What is attached; what isn't in a slot already goes into the next slot.
    public let source: Source
    /// Where, relative to the new root.
    public let destination: CString
}

/// What Landlock allows.
public struct LandlockWall: Sendable {
    /// Something to allow rights on.
    public enum Place: Sendable {
        /// The root of the tree in a slot.
        case slot(Int)
        /// A path inside.
        case path(CString)
        /// The command's terminal.
        case terminal
    }

    /// The version of the kernel's interface.
    public let version: Int32
    /// What is allowed where.
    public let rules: [(place: Place, rights: Landlock.Rights)]
}
