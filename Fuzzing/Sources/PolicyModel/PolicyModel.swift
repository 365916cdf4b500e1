public import Linux
public import Profile

/// What a policy says of a path, read off the rules one by one: slow and obvious, to compare with.
///
/// As if everything existed: a wildcard names each path that it can match.
public enum PolicyModel {
    /// The access: a denial wins, then protection, then the longest of the grants and the floor's entries.
    public static func access(_ policy: Policy, at path: AbsolutePath, in workspace: AbsolutePath) -> Access {
        let places = policy.fileSystem
        if (places.deny + places.reserved).contains(where: { $0.pattern.covers(path) }) { return .none }
        let granted = longestGrant(places, at: path, in: workspace)
        let isProtected = places.protect.contains { $0.pattern.covers(path) }
        return isProtected ? min(granted, .read) : granted
    }

    private static func longestGrant(
        _ places: FileSystemPolicy, at path: AbsolutePath, in workspace: AbsolutePath
    ) -> Access {
        // Only what covers the path can name it or a directory above it.
        let grants = places.grants.filter { $0.pattern.covers(path) }
        let floor = places.floor.filter { $0.pattern.covers(path) }
        var directory: AbsolutePath? = path
        while let place = directory {
            // Of several lines of the user on one path the widest counts, a repository's can't add to it.
            var own: [Access] = grants.filter {
                $0.origin.authority == .user && $0.pattern.matches(place)
            }
            .map(\.access)
            if place == workspace, places.workspace.value != .none { own.append(places.workspace.value) }
            let narrowed = grants.filter {
                $0.origin.authority == .repository && $0.pattern.matches(place)
            }
            .map(\.access)
            let isFloor = floor.contains { $0.pattern.matches(place) }
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
            paths = Array(longer.prefix(64))
        }
        return paths
    }
}
