internal import Linux
internal import Network

/// The host's resolv.conf(5) and hosts(5), which the door has no way to open itself.
struct ResolverFiles: Sendable {
    /// Which file it was, and which of its versions.
    private struct Version: Hashable {
        let identity: FileStatus.Identity
        let size: UInt64
        let modified: FileTime
    }

    private var versions: [Version?] = [nil, nil]
    private var checked: Int64 = .min
    /// What they hold; nothing where a file isn't there, or lies where nobody is asked.
    private(set) var configuration: [UInt8] = []
    private(set) var hosts: [UInt8] = []

    /// They are looked at so often at most, in nanoseconds.
    private static let pause: Int64 = 1_000_000_000
    private static let paths = ["/etc/resolv.conf", "/etc/hosts"]

    /// When to look again, by the monotonic clock.
    var nextLook: Int64 { checked == .min ? .min : checked + Self.pause }

    /// Looks at them, when it is time.
    ///
    /// - Returns: whether one has changed.
    mutating func look(_ host: inout HostLookup, at now: Int64) -> Bool {
        guard now >= nextLook else { return false }
        checked = now
        let changed = (0..<2).map { change(of: $0, &host) }
        return changed.contains(true)
    }

    private mutating func change(of index: Int, _ host: inout HostLookup) -> Bool {
        // A link, as systemd-resolved has it, may have been made to lead elsewhere.
        let end = PathWalk.find(Array(Self.paths[index].utf8), from: .root, follow: true) {
            ViewAnswer(host.lookStraight(at: $0))
        }
        guard let path = end?.path, case .found(let status) = host.look(at: path), status.kind == .regular
        else { return set(index, nil, []) }
        let version = Version(identity: status.identity, size: status.size, modified: status.modified)
        if version == versions[index] { return false }
        return set(index, version, Self.content(of: path))
    }

    private mutating func set(_ index: Int, _ version: Version?, _ content: [UInt8]) -> Bool {
        versions[index] = version
        let old = index == 0 ? configuration : hosts
        if index == 0 { configuration = content } else { hosts = content }
        return old != content
    }

    /// The look-up has found a regular file of a local file system there: opening that doesn't wait.
    private static func content(of path: AbsolutePath) -> [UInt8] {
        guard
            let place = try? Files.openWithoutLinks(CString(path)),
            let file = try? Files.open(
                CString("/proc/self/fd/\(place.number)"), [.read, .nonBlocking, .closeOnExec]),
            let status = try? Files.status(of: file.number), status.kind == .regular
        else { return [] }
        let bytes = (try? Files.read(file.number, atMost: DoorSettings.mostResolverBytes)) ?? []
        // A line that is cut would say something else.
        guard bytes.count == DoorSettings.mostResolverBytes else { return bytes }
        return Array(bytes[...(bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0)])
    }
}
