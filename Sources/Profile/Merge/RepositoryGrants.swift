internal import Linux

/// The `read` and `write` lists of a repository's file, which narrow what the user grants.
struct RepositoryGrants {
    /// Whether there is a `read` list, be it empty: without one the file has no opinion on reading.
    private(set) var hasRead = false
    /// Whether there is a `write` list.
    private(set) var hasWrite = false
    /// The first of the lists.
    private(set) var origin: Origin?
    private var lines: [(expression: PathExpression, access: Access, origin: Origin)] = []

    var hasOpinion: Bool { hasRead || hasWrite }

    init(_ layer: ProfileLayer) {
        for setting in layer.settings where setting.key == .read || setting.key == .write {
            let access: Access = setting.key == .read ? .read : .write
            if case .list = setting.value {
                origin = origin ?? setting.origin
                hasRead = hasRead || access == .read
                hasWrite = hasWrite || access == .write
            } else if let (expression, _) = setting.path {
                lines.append((expression, access, setting.origin))
            }
        }
    }

    /// The lines with their paths expanded; of two on the same path the one that writes.
    func expanded(_ expand: (PathExpression, Origin) -> PathPattern?) -> [Grant] {
        var grants: [PatternKey: Grant] = [:]
        for line in lines {
            guard let pattern = expand(line.expression, line.origin) else { continue }
            let key = PatternKey(pattern)
            if let present = grants[key], present.access >= line.access { continue }
            // A repository makes no directories: its lines only narrow those of the user.
            grants[key] = Grant(
                pattern: pattern, access: line.access, createsDirectory: false, origin: line.origin)
        }
        return grants.values.sorted {
            ($0.pattern.prefix, $0.pattern.written) < ($1.pattern.prefix, $1.pattern.written)
        }
    }
}
