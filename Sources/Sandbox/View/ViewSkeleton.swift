internal import Linux
internal import Profile

/// The nodes that have to be made for the mounts to have something to be mounted on, and the host's links.
///
/// Paths are those in the scratch file system: the root of the view is its directory `root`.
struct ViewSkeleton {
    /// The nodes, a directory before what lies in it, each once.
    private(set) var nodes: [SkeletonNode] = []
    private var made = PathIndex(capacity: 128)
    private let layout: ViewLayout

    init(for layout: ViewLayout) {
        self.layout = layout
        for mount in layout.mounts {
            // A pin of the scratch file system is its own source and exists by what lies below it.
            if let place = place(of: mount.destination, in: layout.nearest(above: mount.destination)) {
                add(mount.isDirectory ? .directory : .file, at: place)
            }
        }
    }

    /// A directory of the skeleton without anything mounted on it.
    mutating func addDirectory(_ path: AbsolutePath) {
        // The root is there, also when a container calls it a home.
        guard !path.isRoot else { return }
        if let place = place(of: path, in: layout.nearest(at: path)) { add(.directory, at: place) }
    }

    /// A link where the host has one.
    ///
    /// - Throws: `refused` when whoever runs inside could turn it elsewhere for the next session.
    mutating func addLink(_ link: SymbolicLink, for rule: ViewRule) throws(SandboxError) {
        let mount = layout.nearest(at: link.path)
        if let mount, case .host = mount.source {
            guard mount.access == .write else { return }
            throw SandboxError(
                .refused,
                "\(rule.written) goes through the link \(link.path), which lies in a writable tree",
                origin: rule.origin,
                hint: "name what it leads to (\(PrintableText.escape(link.target))), or make it a directory")
        }
        // A link that only a denial or the floor goes through is nothing that the command was given.
        guard case .grant = rule.kind else { return }
        if let place = place(of: link.path, in: mount) { add(.link(link.target), at: place) }
    }

    /// Where in the scratch file system a path of the view lies; nil when it isn't part of it.
    private func place(of path: AbsolutePath, in mount: ViewMount?) -> AbsolutePath? {
        guard let mount else {
            return AbsolutePath(Array("/root".utf8) + path.bytes)
        }
        let base: [UInt8]
        switch mount.source {
        case .host, .processes: return nil
        case .scratch(let directory): base = directory
        case .devices: base = Array("devices".utf8)
        }
        guard mount.isDirectory, mount.access == .write,
            let below = mount.destination.relative(of: path)
        else { return nil }
        return AbsolutePath([UInt8(ascii: "/")] + base + [UInt8(ascii: "/")] + below)
    }

    /// The top-level directories are made by the operations themselves.
    private mutating func add(_ kind: SkeletonNode.Kind, at place: AbsolutePath) {
        guard made.insert(place) else { return }
        if let parent = place.parent, parent.depth > 1 { add(.directory, at: parent) }
        nodes.append(SkeletonNode(path: place, kind: kind))
    }
}
