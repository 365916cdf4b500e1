internal import Linux
internal import Network

extension PolicyMerger {
    /// Applies a setting of `network`.
    mutating func applyNetwork(_ setting: Setting) {
        switch setting.key {
        case .networkAllow: NetworkLine.lines(setting).forEach { allowed.add($0) }
        case .networkDeny: applyDenial(setting)
        case .networkHosts:
            guard case .fixedHost(let name, let address) = setting.value else { return }
            let host = Sourced(DoorSettings.FixedHost(name, address), setting.origin)
            if let index = addressed[name] {
                policy.network.hosts[index] = host
            } else {
                addressed[name] = policy.network.hosts.count
                policy.network.hosts.append(host)
            }
        case .loopbackConnect:
            guard let number = setting.number else { return }
            let port = UInt16(truncatingIfNeeded: number)
            if looped.insert(port).inserted { policy.network.loopback.append(Sourced(port, setting.origin)) }
        case .unixSockets: applySocket(setting)
        default: break
        }
    }

    private mutating func applyDenial(_ setting: Setting) {
        guard case .host(let target, let port) = setting.value else { return }
        let denial = NetworkDenial(target, port: port)
        if refused.insert(denial).inserted { policy.network.deny.append(Sourced(denial, setting.origin)) }
    }

    private mutating func applySocket(_ setting: Setting) {
        guard let (expression, _) = setting.path,
            let pattern = expand(expression, base: context.workspace, setting.origin)
        else { return }
        let grant = UnixSocketGrant(
            pattern: pattern, isUnderstoodAsRoot: setting.isUnderstoodAsRoot, origin: setting.origin)
        guard let index = sockets[pattern.prefix] else {
            sockets[pattern.prefix] = policy.network.unixSockets.count
            policy.network.unixSockets.append(grant)
            return
        }
        if grant.isUnderstoodAsRoot { policy.network.unixSockets[index] = grant }
    }

    /// Sets up what the user allows, and checks it, before the repository speaks.
    mutating func finishNetwork() {
        policy.network.allow = allowed.rules
        checkPorts()
        for socket in policy.network.unixSockets { check(socket) }
    }

    /// Intersects what the user allows with the list of the repository's file, if it has one.
    mutating func narrowNetwork(_ layer: ProfileLayer) {
        let settings = layer.settings.filter { $0.key == .networkAllow }
        for setting in layer.settings where setting.key == .networkDeny { applyDenial(setting) }
        guard let first = settings.first else { return }
        var theirs = NetworkUnion()
        for setting in settings { NetworkLine.lines(setting).forEach { theirs.add($0) } }
        let intersection = NetworkIntersection(allowed, by: theirs)
        policy.network.allow = intersection.union.rules
        policy.network.narrowing = first.origin
        for denial in intersection.denials where refused.insert(denial.value).inserted {
            policy.network.deny.append(denial)
        }
    }

    /// Each port has a socket of its own, and all are handed over in one message.
    private mutating func checkPorts() {
        let count = policy.network.listeners.count
        guard count > NetworkListener.most, let last = policy.network.allow.last else { return }
        diagnostics.append(
            Diagnostic(
                last.origin,
                "network.allow and loopback.connect name \(count - NetworkListener.own) ports, and at most "
                    + "\(NetworkListener.most - NetworkListener.own) can be held",
                remedy: "name fewer ports"))
    }

    private mutating func check(_ socket: UnixSocketGrant) {
        let written = socket.pattern.written
        let place = socket.pattern.prefix
        if let entry = policy.fileSystem.reserved.first(where: { $0.pattern.prefix.contains(place) }) {
            diagnostics.append(
                Diagnostic(
                    socket.origin, "\(written) lies in \(entry.pattern.prefix), \(entry.reason ?? "")",
                    remedy: "remove the line: this can't be granted at all"))
        }
        guard !socket.isUnderstoodAsRoot,
            let reason = PrivilegedSocket.reason(for: place, home: context.home)
        else { return }
        diagnostics.append(
            Diagnostic(
                socket.origin, "\(written): \(reason)",
                remedy:
                    "leave it out, or write {path: \"\(written)\", \(UnixSocketGrant.understanding): true}"
            ))
    }
}
