internal import Linux

/// What remains of the user's grants when a repository's `read` and `write` lists narrow them.
///
/// At a path, the longest line of each side counts, and the narrower access of the two holds. So for every
/// pair of lines that overlap, a grant is made of what both cover. The longest pair at a path is then that of
/// the longest lines, and it gets at most what each side's lines allow everywhere in it. Where that can't be
/// written as a pattern, the launch is refused.
struct GrantIntersection {
    /// The most lines of one repository: the time grows with the square of their number.
    static let greatestCount = 500

    /// A line of one side.
    private struct Line {
        let shape: PathShape
        let access: Access
        /// The grant that it is; nil for the workspace and for the missing list of a file.
        let grant: Grant?
        /// Where the file has no `write` list and no line: what the user writes stays, what he reads goes.
        var keepsOnlyWrite = false
    }

    private var user: [Line]
    private var repository: [Line]
    private let floor: [PathShape]
    private let workspace: PathShape?
    private var made: [PathShape: Int] = [:]
    /// The result.
    private(set) var grants: [Grant] = []
    /// Lines of either side of which nothing remains.
    private(set) var dropped: [SkippedPath] = []
    /// What can't be intersected.
    private(set) var diagnostics: [Diagnostic] = []

    init(user: FileSystemPolicy, workspace: AbsolutePath, repository: RepositoryGrants, lines: [Grant]) {
        self.user = user.grants.map { Line(shape: PathShape($0.pattern), access: $0.access, grant: $0) }
        self.repository = lines.map { Line(shape: PathShape($0.pattern), access: $0.access, grant: $0) }
        floor = user.floor.map { PathShape($0.pattern) }
        let root = PathShape([])
        if !repository.hasRead {
            self.repository.append(Line(shape: root, access: .read, grant: nil))
        } else if !repository.hasWrite, !self.repository.contains(where: { $0.shape == root }) {
            self.repository.append(Line(shape: root, access: .write, grant: nil, keepsOnlyWrite: true))
        }
        guard user.workspace.value != .none else {
            self.workspace = nil
            return
        }
        // The workspace has a key of its own, on both sides: the lists have no opinion on it as a whole.
        let place = PathShape(workspace)
        self.workspace = place
        self.user.append(Line(shape: place, access: user.workspace.value, grant: nil))
        self.repository.append(Line(shape: place, access: .write, grant: nil))
    }

    /// Makes the grants.
    mutating func build() {
        if repository.count > Self.greatestCount, let line = repository.first?.grant {
            diagnostics.append(
                Diagnostic(
                    line.origin, "the repository's file grants more than \(Self.greatestCount) paths",
                    remedy: "list directories instead of files"))
            return
        }
        for own in user {
            for theirs in repository where own.shape.overlaps(theirs.shape) { add(own, theirs) }
        }
        let kept = Set(grants.map(\.origin))
        for line in user + repository {
            guard let grant = line.grant, !kept.contains(grant.origin), made[line.shape] == nil else {
                continue
            }
            let reason =
                grant.origin.authority == .repository
                ? "the user grants nothing there" : "the repository's file doesn't list it"
            dropped.append(SkippedPath(written: grant.pattern.written, reason: reason, origin: grant.origin))
        }
    }

    private mutating func add(_ own: Line, _ theirs: Line) {
        guard let shape = own.shape.intersection(theirs.shape) else {
            return refuse(
                theirs, "overlaps \(own.grant?.pattern.written ?? "the workspace") in a way that no path says"
            )
        }
        guard made[shape] == nil,
            shape != workspace || user.contains(where: { $0.shape == shape && $0.grant != nil })
        else { return }
        guard let access = access(at: shape, theirs) else { return }
        made[shape] = grants.count
        grants.append(grant(shape, access, own, theirs))
    }

    /// The access that both sides allow everywhere in a shape; nil when that is none.
    private mutating func access(at shape: PathShape, _ theirs: Line) -> Access? {
        let (granted, length) = Self.access(of: user, at: shape)
        // A line as long as an entry that is still there only matches it, by a wildcard, and lifts nothing.
        for entry in floor where entry.count >= length && entry.count <= shape.count {
            if entry.covers(shape) { return nil }
            guard entry.count < shape.count, entry.overlaps(shape) else { continue }
            refuse(theirs, "reaches below what the built-in floor keeps out")
            return nil
        }
        let (listed, listedLength) = Self.access(of: repository, at: shape)
        let isUnlisted = listedLength == 0 && repository.contains { $0.keepsOnlyWrite }
        guard isUnlisted, granted == .read else { return min(granted, listed) }
        // Below what stays writable, a line that only reads has to stay, or it would become writable.
        let isBelowWrite = user.contains {
            $0.access == .write && $0.shape.count < shape.count && $0.shape.overlaps(shape)
        }
        return isBelowWrite ? .read : nil
    }

    /// What the longest lines allow everywhere in the shape, and the length of the longest that covers it.
    private static func access(of lines: [Line], at shape: PathShape) -> (access: Access, length: Int) {
        var best: (access: Access, length: Int) = (.none, -1)
        for line in lines where line.shape.covers(shape) {
            if line.shape.count > best.length {
                best = (line.access, line.shape.count)
            } else if line.shape.count == best.length {
                best.access = max(best.access, line.access)
            }
        }
        var access = best.access
        for line in lines
        where line.shape.count >= best.length && line.shape.count <= shape.count && !line.shape.covers(shape)
            && line.shape.overlaps(shape)
        {
            access = min(access, line.access)
        }
        return (access, best.length)
    }

    /// The grant of a shape, in the name of the line that is as long, and of the narrower one of both.
    private func grant(_ shape: PathShape, _ access: Access, _ own: Line, _ theirs: Line) -> Grant {
        let exact = user.first { $0.shape == shape && $0.grant != nil }?.grant
        let named = exact ?? repository.first { $0.shape == shape && $0.grant != nil }?.grant
        let narrower = access < (exact?.access ?? access) ? theirs.grant?.origin : nil
        let pattern = shape.pattern(written: "")
        let written =
            named?.pattern.written
            ?? ([pattern.prefix.description]
            + shape.components.dropFirst(pattern.prefix.depth)
            .map { PrintableText.escape($0.bytes) }).joined(separator: "/")
        let origin = narrower ?? named?.origin ?? own.grant?.origin ?? theirs.grant?.origin
        return Grant(
            pattern: shape.pattern(written: written), access: access,
            createsDirectory: exact?.createsDirectory ?? false,
            origin: origin ?? Origin(authority: .repository, source: ".mews.yaml"))
    }

    private mutating func refuse(_ line: Line, _ problem: String) {
        guard let grant = line.grant ?? repository.first(where: { $0.grant != nil })?.grant else { return }
        let diagnostic = Diagnostic(
            grant.origin, "\(grant.pattern.written) \(problem)", remedy: "write the directories' names out")
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }
}
