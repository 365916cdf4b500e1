internal import Linux
internal import Profile

extension Preparation {
    /// Lets programs make their temporary files in the workspace's cache where there is no /tmp of the session's own,
    /// unless a line grants the directory that they would use.
    ///
    /// - Parameter environment: the command's; `TMPDIR` is changed in it.
    public func giveTemporaryDirectory(to environment: inout CommandEnvironment) {
        let named = environment.value(of: "TMPDIR").flatMap { AbsolutePath($0) } ?? .root.appending("tmp")
        if view.access(to: named) == .write { return }
        let directory = cache.path.appending("tmp")
        guard view.access(to: cache.path) == .write else { return }
        if changesHost { try? Files.makeDirectory(CString(directory), mode: 0o700) }
        environment.set("TMPDIR", directory.bytes)
    }
}
