internal import Linux
internal import Profile

extension ViewBuilder {
    /// Adds the sockets of `network.unix`. One is shown where the host has it, alone, and read-only: that doesn't keep
    /// anybody from connecting (path_resolution(7)), but from putting another one in its place.
    ///
    /// - Throws: `refused` for what isn't a socket, and for one behind which a program outside does what it is told,
    ///   unless the line says that this is understood.
    mutating func addSockets() throws(SandboxError) {
        for grant in policy.network.unixSockets {
            let before = rules.count
            try add(grant.pattern, as: .grant(.read), grant.origin, watched: false)
            for rule in rules[before...] { try check(rule, for: grant) }
        }
    }

    private func check(_ rule: ViewRule, for grant: UnixSocketGrant) throws(SandboxError) {
        guard rule.status?.kind == .socket else {
            throw SandboxError(
                .refused, "\(grant.pattern.written) isn't a socket", origin: grant.origin,
                hint: "files and directories stand in filesystem.read or filesystem.write")
        }
        if !grant.isUnderstoodAsRoot { try refusePrivilegedSocket(rule) }
    }

    /// A socket can be connected to by whichever line it is in the view.
    func refusePrivilegedSocket(_ rule: ViewRule) throws(SandboxError) {
        // The path that the line has and the one that it leads to: a link in between could be anybody's.
        guard let reason = reason(for: rule.named) ?? reason(for: rule.path) else { return }
        let place = rule.path == rule.named ? "\(rule.path)" : "\(rule.named), which leads to \(rule.path),"
        throw SandboxError(
            .refused, "\(place) can't be granted like another socket: \(reason)", origin: rule.origin,
            hint: "leave it out, or write network: {unix: [{path: \"\(rule.written)\", "
                + "\(UnixSocketGrant.understanding): true}]}")
    }

    private func reason(for path: AbsolutePath) -> String? {
        if let known = PrivilegedSocket.reason(for: path, home: facts.home) { return known }
        // Wherever the user has them: what the environment says is what the user's own programs go by.
        let places = [
            ("SSH_AUTH_SOCK", "", "an agent signs with the user's keys"),
            ("DOCKER_HOST", "unix://", "a daemon starts containers, which is as good as root"),
            ("CONTAINER_HOST", "unix://", "a daemon starts containers, which is as good as root"),
        ]
        for (variable, scheme, reason) in places {
            guard let value = facts.value(of: variable), value.starts(with: scheme.utf8),
                AbsolutePath(value.dropFirst(scheme.utf8.count)) == path
            else { continue }
            return "\(variable) names it, and behind that \(reason)"
        }
        return nil
    }
}
