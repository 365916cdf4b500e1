public import Linux

/// What a path on a command line leads to, as the kernel would follow it inside.
public struct FollowedPath: Sendable {
    /// As many links as the kernel follows before it gives up (path_resolution(7)).
    private static let mostLinks = 40

    /// The path without links, as far as they can be seen inside.
    public private(set) var path: AbsolutePath
    /// The links on the way.
    public private(set) var links: [SymbolicLink] = []
    /// Whether something lies there for this process.
    public private(set) var exists = true

    /// Follows a path.
    ///
    /// - Parameters:
    ///   - path: absolute or relative, also with `.` and `..`.
    ///   - directory: what it is relative to, without links.
    ///   - isVisible: whether a link at a path is there inside: one that isn't leads nowhere.
    /// - Throws: `loop` for too many links, `noEntry` for an empty path, `invalidArgument` for one with a NUL byte.
    public init(
        _ path: [UInt8], from directory: AbsolutePath, isVisible: (AbsolutePath) -> Bool
    ) throws(Errno) {
        guard !path.isEmpty else { throw .noEntry }
        guard !path.contains(0) else { throw .invalidArgument }
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        self.path = path.first == slash ? .root : directory
        var rest = Array(path.split(separator: slash).reversed())
        while let component = rest.popLast() {
            if component.elementsEqual([dot]) { continue }
            if component.elementsEqual([dot, dot]) {
                // The path so far has no links, so its parent is the one that the kernel means.
                self.path = self.path.parent ?? .root
                continue
            }
            let next = self.path.appending(component)
            guard let target = Self.target(of: next), isVisible(next) else {
                self.path = next
                continue
            }
            links.append(SymbolicLink(path: next, target: target))
            if links.count > Self.mostLinks { throw .loop }
            if target.first == slash { self.path = .root }
            rest.append(contentsOf: target.split(separator: slash).reversed())
        }
        exists = (try? Files.status(CString(self.path))) != nil
    }

    /// What a link holds; nil for anything else, and for what can't be looked at, which the kernel would refuse to
    /// follow for this user as well.
    private static func target(of path: AbsolutePath) -> [UInt8]? {
        try? Files.readLink(CString(path))
    }
}
