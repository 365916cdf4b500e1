internal import Linux
internal import Sandbox

extension Examination {
    /// What refuses after the view is made. Each is put up and then tried, with the same act before it as a
    /// control: a call that would have been refused anyway shows nothing.
    var wallProbes: [Probe] {
        [
            Probe("capabilities", .namespaces) { () throws(SandboxError) in
                try ThrowAwayChild.run(in: [.user, .hostName], dropCapabilities)
            },
            Probe("no new privileges", .seccomp) { () throws(SandboxError) in
                try ThrowAwayChild.run(refuseNewPrivileges)
            },
            Probe("Landlock", .landlock) { () throws(SandboxError) in
                let version = try Probe.step(Remedy.landlock, Landlock.version)
                return "version \(version)"
            },
            Probe("Landlock in force", .landlock) { () throws(SandboxError) in
                try ThrowAwayChild.run(enforceLandlock)
            },
            Probe("seccomp filter in force", .seccomp) { () throws(SandboxError) in
                try ThrowAwayChild.run(loadFilter)
            },
        ]
    }

    private func dropCapabilities() throws(SandboxError) -> String {
        try mapIdentity()
        let rename = { () throws(Errno) in try Processes.setHostName(CString("doctor")) }
        try Probe.step({ Remedy.capabilities("set the host name", $0) }, rename)
        try Probe.step({ SandboxError(.failed, "cannot drop the capabilities", errno: $0) }) {
            () throws(Errno) in try Capabilities.dropAll()
        }
        try Probe.requireRefusal(.notPermitted, of: "setting the host name", rename)
        return "dropped; what needed one is refused"
    }

    private func refuseNewPrivileges() throws(SandboxError) -> String {
        try Probe.step(Remedy.seccomp) { () throws(Errno) in try Processes.refuseNewPrivileges() }
        let file = try Probe.step({ SandboxError(.failed, "cannot read /proc/self/status", errno: $0) }) {
            () throws(Errno) in
            try Files.open(CString("/proc/self/status"), [.read, .closeOnExec])
        }
        let status = (try? Files.read(file.number, atMost: 8192)) ?? []
        guard String(decoding: status, as: UTF8.self).split(separator: "\n").contains("NoNewPrivs:\t1") else {
            throw SandboxError(.failed, "the kernel doesn't show NoNewPrivs: 1")
        }
        return "set, and shown in /proc/self/status"
    }

    private func enforceLandlock() throws(SandboxError) -> String {
        let list = { () throws(Errno) in
            _ = try Files.open(CString("/"), [.read, .directory, .closeOnExec])
        }
        try Probe.step({ SandboxError(.failed, "cannot open /", errno: $0) }, list)
        try Probe.step(Remedy.landlock) { () throws(Errno) in
            try Processes.refuseNewPrivileges()
            let ruleset = try Landlock.makeRuleset(version: try Landlock.version())
            try Landlock.enforce(ruleset.number)
        }
        try Probe.requireRefusal(.accessDenied, of: "opening / without a rule", list)
        return "an open without a rule is refused"
    }

    private func loadFilter() throws(SandboxError) -> String {
        let open = { () throws(Errno) in _ = try Files.openWithoutLinks(CString("/")) }
        try Probe.step(
            {
                SandboxError(
                    .missingLayer, "cannot try: openat2", errno: $0,
                    hint:
                        "Linux 5.6 or later is needed, and in a container a seccomp profile that lets it pass"
                )
            }, open)
        let filter = try Self.usualFilter()
        try Probe.step(Remedy.seccomp) { () throws(Errno) in
            try Processes.refuseNewPrivileges()
            try Seccomp.load(filter)
        }
        try Probe.requireRefusal(.notImplemented, of: "openat2", open)
        return "\(filter.count) instructions; a call that they refuse is refused"
    }

    /// The filter of a session without lines about system calls.
    static func usualFilter() throws(SandboxError) -> [UInt64] {
        do throws(SyscallFilterError) {
            return try SyscallFilter.make(allow: [], deny: [], debug: false).instructions
        } catch {
            throw SandboxError(.failed, error.description)
        }
    }
}
