internal import Audit
internal import Linux

/// Whether the view lets a call change what it names, before the kernel says so.
///
/// Pure, and no decision: the kernel's walls decide, and this says what they will say, for the record. A denial is
/// a call that would have done something on the host, had the place been granted: what would have failed there for
/// its own reasons (it exists already, it doesn't exist, it is a directory) is none. Permission bits aren't looked
/// at, so that writing to a file of root's in a place that is granted for reading is a denial of Mews as well.
enum CallVerdict: Hashable {
    case allowed
    case denied(DeniedAct.Reason, FileActivity)
    /// A socket that can't be reached.
    case unreachable(DeniedAct.Reason)

    /// What a call is about.
    struct Call {
        let act: CallShape.Act
        /// open(2)'s, renameat2(2)'s or unlinkat(2)'s flags.
        var flags: UInt32 = 0
        let first: CallPlace
        var second: CallPlace?
    }

    /// Judges a call whose registers the filter lets pass.
    init(_ call: Call) {
        switch call.act {
        case .open: self = Self.open(call.first, OpenFlags(rawValue: call.flags))
        case .create: self = Self.open(call.first, [.write, .create, .truncate])
        case .makeDirectory: self = Self.make(call.first)
        case .makeNode: self = call.first.end.needsDirectory ? .allowed : Self.make(call.first)
        case .link: self = call.second.map { Self.link(call.first, $0) } ?? .allowed
        case .remove:
            let removesDirectory: UInt32 = 0x200
            self = Self.remove(call.first, directory: call.flags & removesDirectory != 0)
        case .removeDirectory: self = Self.remove(call.first, directory: true)
        case .rename: self = call.second.map { Self.rename(call.first, $0, flags: call.flags) } ?? .allowed
        case .truncate:
            let isFile = call.first.end.answer != .special
            self = isFile ? Self.change(call.first, .write, isContent: true) : .allowed
        case .attributes: self = Self.change(call.first, .attributes, isContent: false)
        case .connect: self = Self.connect(call.first)
        // Only told, for the sake of who runs what; a file outside the view is the skeleton's.
        case .execute: self = .allowed
        }
    }

    private static func verdict(_ reason: DeniedAct.Reason?, _ activity: FileActivity) -> CallVerdict {
        reason.map { .denied($0, activity) } ?? .allowed
    }

    private static func open(_ place: CallPlace, _ flags: OpenFlags) -> CallVerdict {
        // With O_PATH all flags that would change something are passed over (open(2)).
        // A mask itself is there to be looked at.
        if flags.contains(.pathOnly) { return place.held == .masked ? .allowed : read(place) }
        if flags.contains(.temporary) {
            guard flags.writes, !place.isNoDirectory, place.exists else { return .allowed }
            return verdict(place.contentReason, .create)
        }
        // What can't be told lies outside, where an attempt to make something counts.
        let isNew = !place.exists || flags.contains(.create) && place.isUncertain
        if isNew {
            guard flags.contains(.create), !flags.contains(.directory), !place.end.needsDirectory else {
                return .allowed
            }
            return make(place)
        }
        if flags.isSuperset(of: [.create, .exclusive]) { return .allowed }
        if flags.contains(.directory) && place.isNoDirectory || place.isLink { return .allowed }
        if place.isDirectory && flags.contains(.create) || place.end.answer == .socket { return .allowed }
        // Of what exists O_CREAT changes nothing.
        guard flags.writes || flags.contains(.truncate) else { return read(place) }
        if place.end.answer == .special, place.region == .readOnly {
            if place.isBelowWritable || !flags.writes { return .allowed }
        }
        return change(place, .write, isContent: true)
    }

    /// Something that exists is only read, by a call that could have made it.
    private static func read(_ place: CallPlace) -> CallVerdict {
        guard place.exists, !place.end.needsDirectory || !place.isNoDirectory else { return .allowed }
        switch place.region {
        case .outside, .masked: return verdict(place.contentReason, .open)
        default: return .allowed
        }
    }

    /// A change of something that exists.
    private static func change(
        _ place: CallPlace, _ activity: FileActivity, isContent: Bool
    ) -> CallVerdict {
        guard place.exists else { return .allowed }
        if place.end.needsDirectory, place.isNoDirectory { return .allowed }
        // A directory has no content, and a socket is reached by connect.
        if isContent, place.isDirectory || place.end.answer == .socket { return .allowed }
        return verdict(place.contentReason, activity)
    }

    private static func make(_ place: CallPlace) -> CallVerdict {
        guard place.canBeMade else { return .allowed }
        return verdict(place.nameReason, .create)
    }

    private static func remove(_ place: CallPlace, directory: Bool) -> CallVerdict {
        guard place.exists, !place.end.isNameless else { return .allowed }
        // Whether a directory is empty isn't looked at, but what is held for what lies in it isn't: git tries to
        // remove .git after each rebase, and fails outside as well.
        if directory, place.isPinned { return .allowed }
        if directory ? place.isNoDirectory : place.isDirectory { return .allowed }
        if !directory, place.end.needsDirectory { return .allowed }
        return verdict(place.nameReason ?? place.held, .delete)
    }

    private static func rename(_ old: CallPlace, _ new: CallPlace, flags: UInt32) -> CallVerdict {
        let noReplace = flags & 1 != 0
        let exchange = flags & 2 != 0
        guard old.exists, !old.end.isNameless, !new.end.isNameless, !new.end.lacksParent
        else { return .allowed }
        if noReplace && (new.exists || exchange) || exchange && !new.exists { return .allowed }
        if old.isNoDirectory, old.end.needsDirectory || new.end.needsDirectory { return .allowed }
        if !exchange, new.exists, old.isDirectory ? new.isNoDirectory : old.isNoDirectory && new.isDirectory {
            return .allowed
        }
        // Onto itself nothing happens, into itself it fails.
        if old.path == new.path { return verdict(old.nameReason, .rename) }
        if old.path.contains(new.path) || new.path.contains(old.path) { return .allowed }
        let reason =
            old.nameReason ?? new.nameReason ?? across(old, old.parentMount, new) ?? old.held ?? new.held
        return verdict(reason, .rename)
    }

    private static func link(_ old: CallPlace, _ new: CallPlace) -> CallVerdict {
        guard old.exists, !old.isDirectory, new.canBeMade, !new.end.needsDirectory else { return .allowed }
        if old.end.needsDirectory { return .allowed }
        switch old.region {
        case .outside, .masked, .skeleton: return verdict(old.contentReason, .create)
        default:
            return verdict(new.nameReason ?? across(old, old.mount, new), .create)
        }
    }

    /// What two mounts keep apart that would be one file system without Mews. The sandbox's own /tmp is another one,
    /// as it is on most hosts: what moves a file from there into the workspace copies it when told so (EXDEV).
    private static func across(_ old: CallPlace, _ mount: Int, _ new: CallPlace) -> DeniedAct.Reason? {
        mount == new.parentMount || old.isScratch || new.isScratch ? nil : .acrossMounts
    }

    /// A connection needs no mount that can be written to, only a socket that is there.
    private static func connect(_ place: CallPlace) -> CallVerdict {
        switch place.end.answer {
        case .socket, .something, .notProbed: break
        default: return .allowed
        }
        switch place.region {
        case .outside, .masked, .skeleton: return place.contentReason.map { .unreachable($0) } ?? .allowed
        default: return .allowed
        }
    }
}
