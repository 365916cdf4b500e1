internal import Linux
internal import Profile

extension View {
    /// What the session sees where nothing can be mounted: the host's own files, in the places of those that Mews would
    /// make, and no directory of its own.
    ///
    /// - Parameter construction: whether a sandbox is around it, whose /tmp and small files are used then.
    /// - Returns: what is allowed where.
    func confined(_ construction: Construction) -> View {
        var view = self
        view.nodes = []
        view.files = []
        view.isMounted = construction.isNested
        view.mounts = mounts.compactMap { $0.confined(construction) }
        return view
    }
}

extension ViewMount {
    /// Nil for what only mounts can hold: an outer sandbox holds it, or the session was refused.
    fileprivate func confined(_ construction: Construction) -> ViewMount? {
        switch (source, reason) {
        case (.host, .mask), (.host, .protect), (.scratch, .mask):
            return construction.isNested ? self : nil
        case (_, .pin):
            return nil
        case (.scratch, _) where construction.isNested:
            return (try? Files.targetStatus(CString(destination))) == nil ? nil : self
        case (.scratch(let name), _):
            return name.starts(with: "files/".utf8) ? hostFile() : nil
        case (.processes, _) where !construction.isNested:
            // The kernel's settings are in it, and for root they could be written.
            return replaced(destination, source, .read)
        default:
            return self
        }
    }

    /// The host's own file in the place of one that Mews makes, where it has one that is no secret.
    private func hostFile() -> ViewMount? {
        let keepsKeys = AbsolutePath.root.appending("etc").appending("ssh")
        guard !keepsKeys.contains(destination),
            let file = try? Files.open(CString(destination), [.pathOnly, .closeOnExec]),
            let status = try? Files.status(of: file.number), status.kind == .regular,
            let name = try? Files.readLink(CString("/proc/self/fd/\(file.number)")),
            let real = AbsolutePath(name)
        else { return nil }
        return replaced(real, .host(status), .read)
    }

    private func replaced(_ destination: AbsolutePath, _ source: Source, _ access: Access) -> ViewMount {
        ViewMount(
            destination: destination, source: source, access: access, reason: reason, origin: origin,
            isDirectory: isDirectory, written: written)
    }
}
