internal import Audit
internal import Linux
internal import Profile
internal import Sandbox

/// A place that a call names, with the walls that stand there.
struct CallPlace: Hashable {
    /// The place itself.
    let end: PathWalk.End
    /// What it belongs to.
    let region: ViewMap.Region
    /// What the directory that holds its name belongs to.
    let parentRegion: ViewMap.Region
    /// The mount that it belongs to, by its number, and that of the directory.
    let mount: Int
    let parentMount: Int
    /// Whether the directory is on a file system of the sandbox's own, as /tmp is.
    let isScratch: Bool
    /// Why its name can't be taken away although the directory can be changed; nil when it can.
    let held: DeniedAct.Reason?

    /// Whether it is held for the sake of something in it, so that it isn't empty.
    let isPinned: Bool
    /// Whether Landlock lets it be written to, for the sake of a tree around it: a read-only mount in that tree
    /// keeps files and names as they are, but not what is sent through a pipe or to a device.
    let isBelowWritable: Bool
    /// The place in the view that is refused or not: a link outside the view leads nowhere, whatever the host
    /// has behind it.
    let path: AbsolutePath

    init(_ end: PathWalk.End, in map: ViewMap) {
        let barred = end.links.first { [.outside, .masked].contains(map.region(of: $0)) }
        let place = barred ?? end.path
        let parent = place.parent ?? .root
        self.end = end
        path = place
        region = map.region(of: place)
        parentRegion = barred == nil ? map.region(of: parent) : region
        mount = map.mountNumber(of: place)
        parentMount = map.mountNumber(of: parent)
        isScratch = map.isScratch(parentMount)
        isBelowWritable = map.isBelowWritable(place)
        held = map.mount(at: place).map(Self.reason)
        isPinned = map.mount(at: place)?.reason == .pin
    }

    /// A mount point keeps its name (EBUSY).
    private static func reason(_ mount: ViewMount) -> DeniedAct.Reason {
        switch mount.reason {
        case .mask: .masked
        case .protect: .readOnly
        case .pin: .pinned
        case .grant, .own: mount.access == .write ? .pinned : .readOnly
        }
    }

    var exists: Bool { end.answer.exists }
    var isDirectory: Bool { end.answer == .directory }
    /// Whether it is known to be something else than a directory.
    var isNoDirectory: Bool {
        switch end.answer {
        case .file, .socket, .special, .link: true
        case .missing, .directory, .something, .notProbed, .throughLink: false
        }
    }

    var isLink: Bool { if case .link = end.answer { true } else { false } }
    /// Whether nobody could tell what is there.
    var isUncertain: Bool { end.answer == .something || end.answer == .notProbed }

    /// Whether a name can be made here, as far as the host says: outside the view nobody else tells whether
    /// there was anything to make it in.
    var canBeMade: Bool { !end.lacksParent && !end.isNameless && !isTaken }

    /// Whether the name is known to be taken. What can't be told lies outside, where an attempt counts.
    private var isTaken: Bool {
        switch end.answer {
        case .missing, .something, .notProbed: false
        default: true
        }
    }

    /// Why content and attributes can't be changed; nil when they can.
    var contentReason: DeniedAct.Reason? { Self.reason(region, end.answer, names: false) }

    /// Why names in the directory that holds this one can't be changed; nil when they can.
    var nameReason: DeniedAct.Reason? { Self.reason(parentRegion, end.answer, names: true) }

    private static func reason(
        _ region: ViewMap.Region, _ answer: ViewAnswer, names: Bool
    ) -> DeniedAct.Reason? {
        switch region {
        case .writable, .processes: nil
        case .readOnly: .readOnly
        case .masked: .masked
        case .devices: names ? .readOnly : nil
        case .skeleton, .outside: answer == .notProbed ? .notProbed : .outsideView
        }
    }
}
