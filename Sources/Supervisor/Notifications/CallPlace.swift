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
    /// Why its name can't be taken away although the directory can be changed; nil when it can.
    let held: DeniedAct.Reason?

    init(_ end: PathWalk.End, in map: ViewMap) {
        let parent = end.path.parent ?? .root
        self.end = end
        region = map.region(of: end.path)
        parentRegion = map.region(of: parent)
        mount = map.mountNumber(of: end.path)
        parentMount = map.mountNumber(of: parent)
        held = map.mount(at: end.path).map(Self.reason)
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

    var path: AbsolutePath { end.path }
    var exists: Bool { end.answer.exists }
    var isDirectory: Bool { end.answer == .directory }
    /// Whether it is known to be something else than a directory.
    var isNoDirectory: Bool {
        switch end.answer {
        case .file, .socket, .special, .link: true
        case .missing, .directory, .something, .notProbed, .throughLink: false
        }
    }

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
