internal import Audit
internal import Linux

/// Mews's own cache for a workspace: nothing in it is ever used by a tool outside, or for another workspace.
struct CacheDirectory {
    /// Where it lies, on the host and in the view.
    let path: AbsolutePath
    /// Whether it lies in the session's own /tmp and ends with it, because the user has no home that exists,
    /// as in many containers. A place in the host's /tmp would be anybody's to prepare.
    let isPrivate: Bool

    /// Finds the cache.
    init(_ facts: HostFacts, workspace: AbsolutePath) {
        let digest = Hexadecimal.text(SHA256.digest(of: workspace.bytes).prefix(16))
        let base = facts.value(of: "XDG_CACHE_HOME").flatMap { AbsolutePath($0) } ?? Self.usual(facts)
        isPrivate = base == nil
        path = (base ?? AbsolutePath.root.appending("tmp")).appending("mews").appending(digest)
    }

    private static func usual(_ facts: HostFacts) -> AbsolutePath? {
        guard let home = facts.home, !home.isRoot,
            (try? Files.targetStatus(CString(home)).isDirectory) == true
        else { return nil }
        return home.appending(".cache")
    }
}
