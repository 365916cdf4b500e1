public import Linux
public import Profile

/// What of the file system a session sees: every mount with its reason, and what was left out.
public struct View: Sendable {
    /// The mounts, a directory before what lies in it.
    public var mounts: [ViewMount]
    /// What has to be made in the scratch file system for them.
    public var nodes: [SkeletonNode]
    /// The host's links that the policy's paths go through.
    public var links: [SymbolicLink]
    /// The lines that have nothing to act on.
    public var skipped: [SkippedRule]
    /// The contents of Mews's own small files, by their number.
    public var files: [IdentityFile]
    /// Places that a line protects or denies and that don't exist, in trees that can be written: nothing
    /// can be mounted there, so they are looked at again after the run.
    public var watched: [WatchedPlace]
    /// What is kept out by a path that a link leads away from: it isn't found by the line's own path.
    public var keptOut: [KeptOut] = []
    /// The repositories' configurations that are seen without their credentials.
    public var masked: [MaskedConfiguration] = []
    /// Whether each of the mounts is one. Without namespaces they only say what is allowed where.
    public internal(set) var isMounted = true
    /// Keeps what was found from being given another file's number before it is mounted.
    let held: HeldPlaces

    /// A place that a line or the floor keeps out under another name.
    public struct KeptOut: Sendable {
        /// Where it lies, by a path without links.
        public let path: AbsolutePath
        /// The line's own path.
        public let named: AbsolutePath
    }

    /// The access to a path of the host, itself without links, as the mounts have it.
    public func access(to path: AbsolutePath) -> Access {
        guard let mount = mount(of: path), case .host = mount.source else { return .none }
        return mount.access
    }

    /// The mount that a path belongs to; nil in the skeleton.
    public func mount(of path: AbsolutePath) -> ViewMount? {
        // The last one at or above the path, since directories come before what lies in them.
        mounts.last { $0.destination.contains(path) }
    }
}
