internal import Linux
internal import Sandbox

extension Examination {
    /// The kernel's limits on namespaces.
    var limitProbes: [Probe] {
        [
            Probe("user.max_user_namespaces", .namespaces) { () throws(SandboxError) in
                guard let limit = Self.line(of: "/proc/sys/user/max_user_namespaces") else {
                    throw Remedy.namespaces(.invalidArgument)
                }
                guard let number = UInt64(limit), number > 0 else {
                    throw SandboxError(.missingLayer, limit, hint: Remedy.namespaces(.noSpace).hint)
                }
                return limit
            }
        ]
    }

    private static let kinds: [(name: String, kind: Processes.Namespaces)] = [
        ("mount", .mount), ("PID", .process), ("network", .network), ("IPC", .interprocess),
        ("UTS", .hostName), ("cgroup", .controlGroup),
    ]

    /// Each namespace alone, because the errno of all together doesn't tell which one is refused; then all.
    var namespaceProbes: [Probe] {
        var probes = [
            Probe("user namespace", .namespaces) { () throws(SandboxError) in
                try ThrowAwayChild.run(in: .user) { () throws(SandboxError) in "made" }
            },
            Probe("identity maps", .namespaces) { () throws(SandboxError) in
                try ThrowAwayChild.run(in: .user) { () throws(SandboxError) in
                    try mapIdentity()
                    return "user \(facts.user) and group \(facts.group) mapped"
                }
            },
        ]
        probes += Self.kinds.map { name, kind in
            Probe("\(name) namespace", .namespaces) { () throws(SandboxError) in
                try ThrowAwayChild.run(in: [.user, kind]) { () throws(SandboxError) in "made" }
            }
        }
        probes.append(
            Probe("all namespaces at once", .namespaces) { () throws(SandboxError) in
                try ThrowAwayChild.run(in: .all) { () throws(SandboxError) in "made" }
            })
        return probes
    }
}
