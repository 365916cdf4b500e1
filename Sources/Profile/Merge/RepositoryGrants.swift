internal import Linux

/// The `read` and `write` lists of a repository's file, which narrow what the user grants.
struct RepositoryGrants {
    /// Whether there is a `read` list, be it empty: without one the file has no opinion on reading.
    private(set) var hasRead = false
    /// Whether there is a `write` list.
    private(set) var hasWrite = false
    private var lines: [(expression: PathExpression, access: Access, origin: Origin)] = []

    var hasOpinion: Bool { hasRead || hasWrite }

    init(_ layer: ProfileLayer) {
        for setting in layer.settings where setting.key == .read || setting.key == .write {
            let access: Access = setting.key == .read ? .read : .write
            if case .list = setting.value {
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

    /// What remains of an access where no line of the file reaches: a list that is there takes its own
    /// kind away, and one that isn't leaves it.
    func remaining(_ access: Access) -> Access {
        switch access {
        case .write where !hasWrite: .write
        case .write, .read: hasRead ? .none : .read
        case .none: .none
        }
    }
}

extension RepositoryGrants {
    /// Builds the intersection.
    struct Narrower {
        /// What the user grants on literal paths, the workspace and the floor included.
        let literalRules: [AccessTable.Rule]
        private let table: AccessTable
        /// The repository's lines.
        let repository: [Grant]
        let opinion: RepositoryGrants
        private(set) var grants: [Grant] = []
        private(set) var dropped: [SkippedPath] = []
        private let repositoryTable: AccessTable

        init(literalRules: [AccessTable.Rule], repository: [Grant], opinion: RepositoryGrants) {
            self.literalRules = literalRules
            table = AccessTable(literalRules)
            self.repository = repository
            self.opinion = opinion
            repositoryTable = AccessTable(
                repository.filter(\.pattern.isLiteral).map {
                    AccessTable.Rule($0.pattern.prefix, .grant($0.access), $0.origin)
                })
        }

        /// What the repository leaves of the user's grant, at the grant's own path.
        mutating func keep(_ grant: Grant) {
            var narrowed = grant
            let line = nearestLine(to: grant.pattern)
            narrowed.access = line.map { min(grant.access, $0.access) } ?? opinion.remaining(grant.access)
            if narrowed.access != grant.access { narrowed.origin = line?.origin ?? grant.origin }
            guard narrowed.access != .none else {
                return drop(grant, "the repository's file doesn't list it")
            }
            grants.append(narrowed)
        }

        /// Paths that only the repository names: granted as far as the user grants them.
        mutating func addNamedByRepository(from user: [Grant]) {
            let known = Set(user.map { PatternKey($0.pattern) })
            for line in repository where !known.contains(PatternKey(line.pattern)) {
                let granted =
                    line.pattern.isLiteral
                    ? accessOfUser(at: line.pattern.prefix, user)
                    : accessOfUser(throughout: line.pattern, user)
                var narrowed = line
                narrowed.access = min(granted, line.access)
                if narrowed.access == .none {
                    drop(line, "the user grants nothing there")
                } else {
                    grants.append(narrowed)
                }
            }
        }

        /// The user's access at a path, through literal grants or ones with wildcards; of both the narrower,
        /// since a wildcard's grant has no length to compare.
        private func accessOfUser(at path: AbsolutePath, _ user: [Grant]) -> Access {
            let literal = table.decide(path)
            var access = literal.verdict.access
            for grant in user where !grant.pattern.isLiteral && grant.pattern.covers(path) {
                // The floor keeps what no line names exactly.
                if literal.verdict == .none, literal.origin != nil { return .none }
                access = access == .none ? grant.access : min(access, grant.access)
            }
            return access
        }

        /// The user's least access at whatever a pattern may come to name: its matches are longer than the
        /// user's lines on the way to them, so each of those, and of the floor, has to allow it.
        private func accessOfUser(throughout pattern: PathPattern, _ user: [Grant]) -> Access {
            var access = table.decide(pattern.prefix).verdict.access
            for rule in literalRules where pattern.mayName(orLieBelow: rule.path) {
                access = min(access, table.decide(rule.path).verdict.access)
            }
            for grant in user where !grant.pattern.isLiteral {
                let isRelated =
                    grant.pattern.prefix.contains(pattern.prefix)
                    || pattern.prefix.contains(grant.pattern.prefix)
                if isRelated { access = min(access, grant.access) }
            }
            return access
        }

        /// The repository's line at or above everything that a pattern names.
        private func nearestLine(to pattern: PathPattern) -> (access: Access, origin: Origin)? {
            let decision = repositoryTable.decide(pattern.prefix)
            var nearest: (access: Access, origin: Origin)?
            if let origin = decision.origin { nearest = (decision.verdict.access, origin) }
            for line in repository where !line.pattern.isLiteral {
                let same = PatternKey(line.pattern) == PatternKey(pattern)
                guard same || line.pattern.covers(pattern.prefix) else { continue }
                if line.access < nearest?.access ?? .write || nearest == nil {
                    nearest = (line.access, line.origin)
                }
            }
            return nearest
        }

        private mutating func drop(_ grant: Grant, _ reason: String) {
            dropped.append(SkippedPath(written: grant.pattern.written, reason: reason, origin: grant.origin))
        }
    }
}
