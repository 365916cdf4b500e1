public import Linux
public import Profile

/// What a policy says of a path, read off the rules one by one: obvious, to compare with.
///
/// As if everything existed: a wildcard names each path that it can match.
public struct PolicyModel {
    private let places: FileSystemPolicy
    private let workspace: AbsolutePath
    /// The floor's many literal entries, by look-up, and its few patterns.
    private let floor: Set<AbsolutePath>
    private let floorPatterns: [PathPattern]

    /// Takes the rules of a policy.
    public init(_ policy: Policy, workspace: AbsolutePath) {
        places = policy.fileSystem
        self.workspace = workspace
        let patterns = policy.fileSystem.floor.map(\.pattern)
        floor = Set(patterns.filter(\.isLiteral).map(\.prefix))
        floorPatterns = patterns.filter { !$0.isLiteral }
    }

    /// The access: a denial wins, then protection, then the longest of the grants and the floor's entries.
    public func access(at path: AbsolutePath) -> Access {
        if (places.deny + places.reserved).contains(where: { $0.pattern.covers(path) }) { return .none }
        let granted = longestGrant(at: path)
        let isProtected = places.protect.contains { $0.pattern.covers(path) }
        return isProtected ? min(granted, .read) : granted
    }

    private func longestGrant(at path: AbsolutePath) -> Access {
        var directory: AbsolutePath? = path
        while let place = directory {
            let naming = places.grants.filter { $0.pattern.matches(place) }
            // Of several lines of the user on one path the widest counts, a repository's can't add to it.
            var own: [Access] = naming.filter { $0.origin.authority == .user }.map(\.access)
            if place == workspace, places.workspace.value != .none { own.append(places.workspace.value) }
            let narrowed = naming.filter { $0.origin.authority == .repository }.map(\.access)
            let isFloor = floor.contains(place) || floorPatterns.contains { $0.matches(place) }
            let limits = [own.max(), narrowed.max(), isFloor ? Access.none : nil].compactMap { $0 }
            if let access = limits.min() { return access }
            directory = place.parent
        }
        return .none
    }

    /// Paths at which two policies might differ: what their rules name, with each wildcard replaced by a few
    /// names, and a path above and below.
    public static func probes(_ policies: [Policy]) -> Set<AbsolutePath> {
        var found: Set<AbsolutePath> = []
        for policy in policies {
            let places = policy.fileSystem
            let patterns =
                places.grants.map(\.pattern) + (places.deny + places.protect).map(\.pattern)
                + places.floor.filter { !$0.pattern.isLiteral }.map(\.pattern)
            for pattern in patterns.prefix(40) {
                for path in instances(of: pattern) {
                    found.insert(path)
                    found.insert(path.appending("below"))
                    if let parent = path.parent { found.insert(parent) }
                }
            }
        }
        return found
    }

    private static func instances(of pattern: PathPattern) -> [AbsolutePath] {
        var paths = [pattern.prefix]
        for component in pattern.wildcards.prefix(8) {
            var longer: [AbsolutePath] = []
            for path in paths {
                switch component {
                case .anyDepth: longer += [path, path.appending("a")]
                case .glob(let bytes):
                    for name in ["", "a", "id_rsa"] {
                        let filled = bytes.flatMap { $0 == UInt8(ascii: "*") ? Array(name.utf8) : [$0] }
                        if AbsolutePath.isComponent(filled) { longer.append(path.appending(filled)) }
                    }
                }
            }
            paths = Array(longer.prefix(16))
        }
        return paths
    }
}
