public import Linux

/// Looks paths up on the host without ever waiting for anybody.
///
/// A program behind a FUSE mount, a server behind a network mount and an automounter may never answer, and the
/// supervisor has one thread. So no path that leads through one of those mounts is looked up. Mounts change while
/// they are read: what a look-up has reached is therefore only asked once the number of its mount is known to be
/// that of a local file system.
public struct HostLookup: ~Copyable {
    private let root: FileDescriptor
    /// It says itself when it has changed (proc_pid_mountinfo(5)).
    private let mountFile: FileDescriptor
    private var isRead = false
    /// The points of mounts that aren't asked.
    private var closed: [AbsolutePath] = []
    /// The numbers of all mounts, and of those that may be looked into.
    private var known: [UInt64] = []
    private var open: [UInt64] = []

    // RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS with RESOLVE_NO_SYMLINKS, RESOLVE_CACHED (openat2(2)).
    private static let noCrossing: UInt64 = 0x01
    private static let noLinks: UInt64 = 0x02 | 0x04
    private static let fromMemory: UInt64 = 0x20

    /// Opens the host's root. To be made before the sandbox is.
    ///
    /// - Throws: what the kernel says of `/` or of its mounts.
    public init() throws(Errno) {
        let root = try Files.open(CString("/"), [.pathOnly, .directory, .closeOnExec])
        let mountFile = try Files.open(CString("/proc/self/mountinfo"), [.read, .closeOnExec])
        self.root = root
        self.mountFile = mountFile
    }

    /// Reads the mounts, so that the first look-up doesn't have to.
    public mutating func prepare() {
        refresh()
    }

    /// What the host has at a path, without following links: what lies behind a link is missing.
    public mutating func look(at path: AbsolutePath) -> HostAnswer {
        lookStraight(at: path) ?? .missing
    }

    /// What the host has at a path; nil when a component before the last is a link.
    mutating func lookStraight(at path: AbsolutePath) -> HostAnswer? {
        refresh()
        guard isRead else { return .notProbed }
        if closed.contains(where: { $0.contains(path) }) { return .notProbed }
        do throws(Errno) {
            // In one call and from memory alone, which is how most of them end: RESOLVE_CACHED fails where the
            // kernel would have to ask a file system.
            let name = path.isRoot ? CString(".") : CString(path.bytes.dropFirst())
            let place = try Files.open(name, at: root.number, resolving: Self.noLinks | Self.fromMemory)
            return answer(place)
        } catch .again {
            return walk(to: path)
        } catch .invalidArgument {
            // Before Linux 5.12.
            return walk(to: path)
        } catch {
            return Self.answer(error)
        }
    }

    /// Whether a mount, by its number, is one of the host's.
    mutating func hasMount(_ identifier: UInt64) -> Bool {
        refresh()
        return known.contains(identifier)
    }

    /// Reads the mounts anew if they have changed.
    private mutating func refresh() {
        if isRead {
            // Nothing is asked for, but errors are always told, and a change is told as one.
            guard let events = try? Poll.look(at: mountFile.number, for: []), !events.isEmpty else { return }
        }
        read(mountFile.number)
    }

    private mutating func read(_ file: Int32) {
        let limit = 16 << 20
        isRead = false
        guard (try? Files.seek(file, to: 0)) != nil,
            let text = (try? Files.readAll(file, limit: limit)) ?? nil
        else { return }
        isRead = true
        let mounts = MountTable(text).mounts
        known = mounts.map(\.identifier)
        open = mounts.filter { MountTable.isLocal($0.type) }.map(\.identifier)
        closed = mounts.filter { !MountTable.isLocal($0.type) }.map(\.point)
    }

    /// Component by component, never from one mount into another without knowing it.
    private mutating func walk(to path: AbsolutePath) -> HostAnswer? {
        guard var place = try? Files.duplicate(root.number, from: 3) else { return .notProbed }
        let components = path.components
        for (index, component) in components.enumerated() {
            let name = CString(component)
            do throws(Errno) {
                let next: FileDescriptor
                do throws(Errno) {
                    next = try Files.open(
                        name, at: place.number, resolving: Self.noLinks | Self.noCrossing)
                } catch .crossDevice {
                    // A mount: what it covers is asked, what is mounted isn't.
                    next = try Files.open(name, at: place.number, [.pathOnly, .noFollow, .closeOnExec])
                }
                guard let found = remembered(next) else { return .notProbed }
                if index == components.count - 1 { return answer(next) }
                if found.kind == .symbolicLink { return nil }
                place = next
            } catch {
                return Self.answer(error)
            }
        }
        return answer(place)
    }

    /// What was reached, if it may be asked: nil on a mount that isn't local or came a moment ago and isn't.
    private mutating func remembered(_ place: borrowing FileDescriptor) -> FileStatus? {
        guard let found = try? Files.rememberedStatus(of: place.number) else { return nil }
        if !open.contains(found.mount) {
            refresh()
            guard open.contains(found.mount) else { return nil }
        }
        return found.status
    }

    private mutating func answer(_ place: borrowing FileDescriptor) -> HostAnswer {
        guard let status = remembered(place) else { return .notProbed }
        guard status.kind == .symbolicLink else { return .found(status) }
        guard let target = try? Files.readLink(.empty, at: place.number) else { return .unreadable }
        return .link(target)
    }

    private static func answer(_ errno: Errno) -> HostAnswer? {
        switch errno {
        case .loop: nil
        case .noEntry, .notDirectory, .nameTooLong: .missing
        case .accessDenied, .notPermitted: .unreadable
        default: .notProbed
        }
    }
}
