internal import Linux
internal import Profile
internal import Sandbox

/// The view's mounts by path, and what Mews itself puts between them: which wall stands at a place.
struct ViewMap: Sendable {
    /// What a place belongs to.
    enum Region: Hashable {
        /// A tree that can be changed.
        case writable
        /// A tree that can be read.
        case readOnly
        /// Kept out of a tree that holds it.
        case masked
        /// The device directory: what is there can be written to, names can't be changed.
        case devices
        /// The process file system.
        case processes
        /// A directory or link that is only there to hold mounts.
        case skeleton
        /// Not a part of the view.
        case outside
    }

    private let view: View
    private var mounts = PathIndex(capacity: 64)
    private var links = PathIndex(capacity: 16)
    private var linkTargets: [[UInt8]] = []
    private var directories = PathIndex(capacity: 64)

    init(_ view: View) {
        self.view = view
        for (number, mount) in view.mounts.enumerated() {
            mounts[mount.destination] = number
            for above in mount.destination.ancestors { directories[above] = 0 }
        }
        let root = AbsolutePath.root.appending("root")
        for node in view.nodes {
            guard let below = root.relative(of: node.path),
                let path = AbsolutePath.root.appending(relative: below)
            else { continue }
            if case .link(let target) = node.kind {
                links[path] = linkTargets.count
                linkTargets.append(target)
            } else {
                directories[path] = 0
            }
        }
        directories[.root] = 0
    }

    /// The mount at exactly this path.
    func mount(at path: AbsolutePath) -> ViewMount? {
        mounts[path].map { view.mounts[$0] }
    }

    /// The mount that a path belongs to, by its number; -1 is the root of the view itself.
    func mountNumber(of path: AbsolutePath) -> Int {
        let number = placeNumber(of: path)
        // One file system, as far as Mews is concerned.
        return view.isMounted ? number : min(number, 0)
    }

    private func placeNumber(of path: AbsolutePath) -> Int {
        mounts[path] ?? mounts.nearest(above: path) ?? -1
    }

    func mount(of path: AbsolutePath) -> ViewMount? {
        let number = placeNumber(of: path)
        return number < 0 ? nil : view.mounts[number]
    }

    /// Whether a mount is a file system of the sandbox's own that can be written to, as /tmp is.
    func isScratch(_ number: Int) -> Bool {
        guard number >= 0, view.isMounted, view.mounts[number].access == .write else { return false }
        if case .scratch = view.mounts[number].source { return true }
        return false
    }

    /// Whether a tree that can be written to lies around a path, whatever is mounted in between.
    func isBelowWritable(_ path: AbsolutePath) -> Bool {
        view.mounts.contains { $0.access == .write && $0.destination.contains(path) }
    }

    func region(of path: AbsolutePath) -> Region {
        guard let mount = mount(of: path) else {
            return directories[path] != nil || links[path] != nil ? .skeleton : .outside
        }
        switch mount.source {
        case .devices: return .devices
        case .processes: return mount.access == .write ? ProcessFiles.region(of: path) : .readOnly
        case .host, .scratch:
            if mount.reason == .mask { return .masked }
            return mount.access == .write ? .writable : .readOnly
        }
    }

    /// What the root of the view has at a path in no mount; nil when that isn't a part of it.
    func skeleton(at path: AbsolutePath) -> ViewAnswer? {
        if let number = links[path] { return .link(linkTargets[number]) }
        if links.nearest(above: path) != nil { return .throughLink }
        return directories[path] == nil ? nil : .directory
    }

    /// What a place of a scratch mount is called in the scratch file system.
    static func scratchPath(of path: AbsolutePath, in mount: ViewMount, _ base: [UInt8]) -> [UInt8] {
        guard let below = mount.destination.relative(of: path), !below.isEmpty else { return base }
        return base + [UInt8(ascii: "/")] + below
    }
}
