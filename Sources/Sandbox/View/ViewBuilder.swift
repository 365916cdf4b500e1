internal import Linux
internal import Profile

/// Looks the policy's paths up on the host and lays the view out.
///
/// This is the one place where a rule meets the file system. Everything it finds is found once: the child
/// later compares what it mounts with what was seen here.
struct ViewBuilder {
    let policy: Policy
    let facts: HostFacts
    let workspace: AbsolutePath
    let installation: Installation
    let cache: CacheDirectory
    let changesHost: Bool
    /// Whether copies without credentials stand in for repositories' configurations.
    let masksGitCredentials: Bool
    /// Whether what is protected and missing is moved aside when it has appeared.
    let movesMissingAside: Bool
    var masked: [MaskedConfiguration] = []
    /// Whether another sandbox is around this one, so that what is looked up and isn't there counts as denied.
    let isNested: Bool
    var resolver = PathResolver()
    var matcher = PatternMatcher()
    var rules: [ViewRule] = []
    var links: [(link: SymbolicLink, rule: ViewRule)] = []
    var skipped: [SkippedRule] = []
    var missing: [WatchedPlace] = []

    /// Prepares a view for a policy.
    ///
    /// - Parameters:
    ///   - policy: what may be seen.
    ///   - facts: who looks.
    ///   - workspace: by a path without links.
    ///   - installation: what must not be changed from inside.
    ///   - cache: the place of `${cache}`.
    ///   - changesHost: whether missing directories that the view needs are made; otherwise they are among
    ///     what was skipped.
    ///   - masksGitCredentials: whether copies without credentials stand in for repositories' configurations.
    ///   - movesMissingAside: whether what is protected and missing is moved aside when it has appeared.
    ///   - isNested: whether another sandbox is around this one.
    init(
        policy: Policy, facts: HostFacts, workspace: AbsolutePath, installation: Installation,
        cache: CacheDirectory, changesHost: Bool = true, masksGitCredentials: Bool = false,
        movesMissingAside: Bool = false, isNested: Bool = false
    ) {
        self.movesMissingAside = movesMissingAside
        self.masksGitCredentials = masksGitCredentials
        self.isNested = isNested
        self.installation = installation
        self.cache = cache
        self.policy = policy
        self.facts = facts
        self.workspace = workspace
        self.changesHost = changesHost
        // Nearly every grant becomes a rule; most of the floor doesn't exist.
        rules.reserveCapacity(policy.fileSystem.grants.count + 64)
    }

    /// Looks everything up and lays it out.
    ///
    /// - Throws: `refused` for lines that contradict each other or that would let something be exchanged;
    ///   `failed` when the host can't answer.
    consuming func build() throws(SandboxError) -> View {
        try addGrants()
        try addSockets()
        try addPrograms()
        try addRestrictions(visible(Self.floor(of: policy)), as: .floor, watched: false)
        try addRestrictions(visible(policy.fileSystem.reserved), as: .deny, watched: false)
        try addRestrictions(policy.fileSystem.deny, as: .deny, watched: true)
        try addRestrictions(policy.fileSystem.protect, as: .protect, watched: true)
        try addRepositories()
        try protectOwnFiles()
        let files = IdentityFiles.make(for: facts)
        try addOwnPlaces(files)
        addMasked(after: files.count)
        return try assemble(files + masked.map { IdentityFile(path: $0.path, content: $0.content) })
    }

    /// The floor without the sockets that lines of their own name.
    static func floor(of policy: Policy) -> [Restriction] {
        let sockets = policy.network.unixSockets.map(\.pattern.prefix)
        if sockets.isEmpty { return policy.fileSystem.floor }
        return policy.fileSystem.floor.filter { restriction in
            !(restriction.pattern.isLiteral && sockets.contains(restriction.pattern.prefix))
        }
    }

    /// Of what is kept out in any case what could be in the view. The sandbox around this one keeps it out as well, and
    /// would write each look for it down.
    private func visible(_ restrictions: [Restriction]) -> [Restriction] {
        isNested ? restrictions.filter { touchesGrant($0.pattern.prefix) } : restrictions
    }

    private consuming func assemble(_ files: [IdentityFile]) throws(SandboxError) -> View {
        let layout = try ViewLayout(rules) { path throws(Errno) in try Files.status(CString(path)) }
        var skeleton = ViewSkeleton(for: layout)
        for entry in links { try skeleton.addLink(entry.link, for: entry.rule) }
        // Programs expect their home directory to exist, also when nothing in it is granted.
        if let home = facts.home { skeleton.addDirectory(home) }
        let watched = missing.filter { place in
            guard let mount = layout.nearest(above: place.path), case .host = mount.source else {
                return false
            }
            return mount.access == .write
        }
        return View(
            mounts: layout.mounts, nodes: skeleton.nodes, links: links.map(\.link), skipped: skipped,
            files: files, watched: watched, keptOut: keptOut, masked: masked, held: resolver.held())
    }

    private var keptOut: [View.KeptOut] {
        rules.compactMap { rule in
            guard rule.kind == .deny || rule.kind == .floor, rule.path != rule.named, !rule.isMatch else {
                return nil
            }
            return View.KeptOut(path: rule.path, named: rule.named)
        }
    }

    private mutating func addGrants() throws(SandboxError) {
        // Before the first lookup, which would note that they are missing.
        var grants: [Grant] = []
        grants.reserveCapacity(policy.fileSystem.grants.count)
        for grant in policy.fileSystem.grants {
            try refuseOwnPlace(grant)
            if cache.isPrivate, grant.pattern.prefix == cache.path {
                skip(
                    grant.pattern, grant.origin, "there is no home, so caches stay in the session's own /tmp")
                continue
            }
            if grant.createsDirectory, try !makeDirectory(for: grant) { continue }
            grants.append(grant)
        }
        let access = policy.fileSystem.workspace
        if access.value != .none {
            let pattern = PathPattern(prefix: workspace, written: "\(Self.workspaceName)\(workspace)")
            try add(pattern, as: .grant(access.value), access.origin, watched: false)
        }
        for grant in grants {
            let before = rules.count
            try add(grant.pattern, as: .grant(grant.access), grant.origin, watched: false)
            for rule in rules[before...] where rule.status?.kind == .socket {
                try refusePrivilegedSocket(rule)
            }
        }
    }

    /// The whole root would be everything; /proc and /dev of the host show and offer other processes and
    /// devices than those of the sandbox.
    private func refuseOwnPlace(_ grant: Grant) throws(SandboxError) {
        let path = grant.pattern.prefix
        let isOwn = Self.processes.contains(path) || (path == Self.devices && grant.pattern.isLiteral)
        guard isOwn || (path.isRoot && grant.pattern.isLiteral) else { return }
        throw SandboxError(
            .refused, "\(grant.pattern.written) can't be granted", origin: grant.origin,
            hint: path.isRoot
                ? "name the directories that the command needs"
                : "the sandbox has a \(path == Self.devices ? "/dev" : "/proc") of its own")
    }

    private static let processes = AbsolutePath.root.appending("proc")
    private static let devices = AbsolutePath.root.appending("dev")

    /// False when it is missing and must stay so.
    private mutating func makeDirectory(for grant: Grant) throws(SandboxError) -> Bool {
        let path = grant.pattern.prefix
        let missing = Files.missingDirectories(to: path)
        if !missing.isEmpty, !changesHost {
            skip(grant.pattern, grant.origin, Self.wouldBeMade)
            return false
        }
        // A home that isn't there is a mistake in the environment, and root would fill / with such mistakes.
        if let highest = missing.last, highest.depth == 1 {
            throw SandboxError(
                .refused, "cannot make \(path): \(highest) doesn't exist", origin: grant.origin,
                hint: "make \(highest) yourself, or set HOME or the XDG variable that the path comes from")
        }
        for directory in missing.reversed() {
            do throws(Errno) {
                try Files.makeDirectory(CString(directory), mode: 0o700)
            } catch .exists {
                continue
            } catch {
                throw SandboxError(
                    .failed, "cannot make the directory \(directory)", errno: error, origin: grant.origin,
                    hint: "make it yourself, or remove `create: dir`")
            }
        }
        return true
    }

    /// What the workspace's grant is called, before its path.
    static let workspaceName = "the workspace "
    static let ownSource = "Mews's own"
    private static let ownFilesSource = "Mews's own files are protected"
    private static let ownProgramsSource = "Mews's own programs"
    /// The sources in the origins of what no line asks for.
    static let ownSources = [ownSource, ownFilesSource, ownProgramsSource]

    /// Why a directory is left out when nothing may be made.
    static let wouldBeMade = "would be made"

    private mutating func addRestrictions(
        _ restrictions: [Restriction], as kind: ViewRule.Kind, watched: Bool
    ) throws(SandboxError) {
        for restriction in restrictions {
            try add(restriction.pattern, as: kind, restriction.origin, watched: watched)
        }
    }

    /// Adds what a pattern names now.
    mutating func add(
        _ pattern: PathPattern, as kind: ViewRule.Kind, _ origin: Origin, watched: Bool
    ) throws(SandboxError) {
        guard var place = try resolve(pattern.prefix, pattern.written, kind, origin, watched: watched) else {
            return
        }
        if pattern.isLiteral {
            place.rule.line = pattern.written
            rules.append(place.rule)
            return
        }
        guard place.status.isDirectory else { return skip(pattern, origin, "not a directory") }
        if kind == .floor, !touchesGrant(place.rule.path) { return }
        let matches = try matches(of: pattern, in: place.rule.path, kind, origin)
        if matches.isEmpty { skip(pattern, origin, "nothing matches") }
        for match in matches {
            if match.isLink, kind.isRestriction {
                skip(pattern, origin, "\(match.path) is a link, which a wildcard doesn't follow")
                continue
            }
            if var found = try resolve(match.path, "\(match.path)", kind, origin, watched: false) {
                found.rule.isMatch = true
                found.rule.line = pattern.written
                rules.append(found.rule)
            }
        }
    }

    private mutating func matches(
        of pattern: PathPattern, in directory: AbsolutePath, _ kind: ViewRule.Kind, _ origin: Origin
    ) throws(SandboxError) -> [PatternMatcher.Match] {
        let matches: [PatternMatcher.Match]
        do throws(PatternFailure) {
            matches = try matcher.matches(pattern.wildcards[...], in: directory)
        } catch {
            switch error {
            case .unreadable(let place, let errno): throw Self.unread(place, errno, origin)
            case .tooManyEntries:
                throw SandboxError(
                    .refused,
                    "\(pattern.written) would have to look at more than \(PatternMatcher.mostEntries) entries",
                    origin: origin, hint: "give it a longer path before the first wildcard")
            }
        }
        if kind.isRestriction {
            for directory in matcher.unlisted { try refuseUnlisted(directory, pattern, origin) }
        }
        return matches
    }

    private mutating func resolve(
        _ path: AbsolutePath, _ written: String, _ kind: ViewRule.Kind, _ origin: Origin, watched: Bool
    ) throws(SandboxError) -> (rule: ViewRule, status: FileStatus)? {
        let outcome: PathResolver.Outcome
        do throws(Errno) {
            outcome = try resolver.resolve(path, isRare: kind == .floor)
        } catch {
            throw SandboxError(
                .failed, "cannot look up \(written)", errno: error, origin: origin,
                hint: error == .tooManyFiles ? "raise the limit of open files (ulimit -n)" : "")
        }
        switch outcome {
        case .found(let found):
            let rule = ViewRule(
                path: found.path, kind: kind, status: found.status, origin: origin, named: path,
                written: written)
            for link in found.links { links.append((link, rule)) }
            return (rule, found.status)
        case .unreachable(let directory):
            if kind.isRestriction { try refuseOpenable(directory, written, origin) }
            noteMissing(path, written, .accessDenied, kind, origin, watched: watched)
        case .missing(let errno):
            noteMissing(path, written, errno, kind, origin, watched: watched)
        }
        return nil
    }

    private mutating func noteMissing(
        _ path: AbsolutePath, _ written: String, _ errno: Errno, _ kind: ViewRule.Kind, _ origin: Origin,
        watched: Bool
    ) {
        // The floor names what most homes don't have; that is no news.
        if kind != .floor, origin.authority != .managed {
            skipped.append(SkippedRule(written: written, origin: origin, reason: "\(errno)"))
        }
        if watched {
            let isGit = origin.source == Self.gitSource
            let isMoved = isGit || (movesMissingAside && kind == .protect)
            missing.append(WatchedPlace(path: path, origin: origin, isMovedAside: isMoved))
        }
    }

    /// Whether something in a directory could be in the view: a wildcard isn't followed through links, so
    /// elsewhere its matches can't matter.
    private func touchesGrant(_ directory: AbsolutePath) -> Bool {
        rules.contains {
            if case .grant = $0.kind {
                $0.path.contains(directory) || directory.contains($0.path)
            } else {
                false
            }
        }
    }

    private mutating func skip(_ pattern: PathPattern, _ origin: Origin, _ reason: String) {
        skipped.append(SkippedRule(written: pattern.written, origin: origin, reason: reason))
    }

    /// A profile or a program of Mews that the command could rewrite would be no wall for the next session.
    private mutating func protectOwnFiles() throws(SandboxError) {
        let programs = [
            installation.program, installation.shell, installation.tools, installation.profiles,
        ]
        for file in policy.files.map(\.path) + programs {
            let origin = Origin(authority: .user, source: Self.ownFilesSource)
            try add(PathPattern(prefix: file, written: "\(file)"), as: .protect, origin, watched: false)
        }
    }

    /// The command's own `mews why` is answered inside by the same programs, from what `/run/mews` says, and its own
    /// `mews run` by the built-in profiles. Where the installation lies in nothing that is granted, these mounts show
    /// it.
    private mutating func addPrograms() throws(SandboxError) {
        let files = policy.fileSystem
        let helpers = installation.tools.parent ?? installation.tools
        for path in [installation.program, installation.shell, helpers, installation.profiles] {
            // Whoever keeps the place out needs no `mews` inside.
            let isKeptOut = [files.deny, files.reserved, files.floor].contains { restrictions in
                restrictions.contains { $0.pattern.covers(path) }
            }
            if isGranted(path) || isKeptOut { continue }
            let origin = Origin(authority: .user, source: Self.ownProgramsSource)
            let before = skipped.count
            try add(PathPattern(prefix: path, written: "\(path)"), as: .grant(.read), origin, watched: false)
            skipped.removeLast(skipped.count - before)
        }
    }

    private mutating func addOwnPlaces(_ files: [IdentityFile]) throws(SandboxError) {
        let places: [(String, OwnPlace)] = [
            ("/tmp", .directory(name: "tmp")), ("/var/tmp", .directory(name: "vartmp")),
            ("/proc", .processes), ("/dev", .devices), ("/dev/shm", .directory(name: "shm")),
            (PublishedContent.directory, .published),
        ]
        for (path, place) in places {
            if let path = AbsolutePath(path) { try addOwn(path, place, needs: .directory) }
        }
        for (index, file) in files.enumerated() {
            try addOwn(file.path, .file(index: index), needs: .regular)
        }
    }

    /// Below a granted tree of the host there is only something to mount on where the host has it.
    private mutating func addOwn(
        _ path: AbsolutePath, _ place: OwnPlace, needs kind: FileStatus.Kind
    ) throws(SandboxError) {
        let origin = Origin(authority: .user, source: Self.ownSource)
        let isCovered = rules.contains {
            if case .grant = $0.kind { $0.path.contains(path) && $0.path != path } else { false }
        }
        if isCovered, try protectedStatus(path, origin)?.kind != kind {
            skipped.append(
                SkippedRule(
                    written: "\(path)", origin: origin, reason: "the granted tree has no place for it"))
            return
        }
        rules.append(
            ViewRule(
                path: path, kind: .own(place), status: nil, origin: origin, named: path, written: "\(path)"))
    }
}
