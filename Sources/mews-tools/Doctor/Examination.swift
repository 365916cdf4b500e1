internal import Linux
internal import Profile
internal import Sandbox

/// Everything that the doctor tries, in the order in which a sandbox is built.
struct Examination {
    let facts: HostFacts
    let installation: Installation

    /// The name of the check on which the level depends.
    static let whole = "the whole sandbox"

    /// The probes.
    var probes: [Probe] {
        limitProbes + namespaceProbes + mountProbes + wallProbes + hostProbes + [wholeProbe]
    }

    /// Makes the child somebody whom its new user namespace knows, as a launch does.
    func mapIdentity() throws(SandboxError) {
        try Probe.step({ Remedy.capabilities("map the user and the group", $0) }) { () throws(Errno) in
            try Self.write("/proc/self/setgroups", "deny")
            try Self.write("/proc/self/uid_map", "\(facts.user) \(facts.user) 1")
            try Self.write("/proc/self/gid_map", "\(facts.group) \(facts.group) 1")
        }
    }

    /// Keeps the mounts of the child from appearing on the host.
    func separateMounts() throws(SandboxError) {
        try mapIdentity()
        try Probe.step({ Remedy.capabilities("make the mounts private", $0) }, Mounts.makeAllPrivate)
    }

    private static func write(_ path: String, _ text: String) throws(Errno) {
        let file = try Files.open(CString(path), [.write, .closeOnExec])
        _ = try Files.write(file.number, Array(text.utf8)[...])
    }

    /// A small file of the kernel as a line of text.
    static func line(of path: String) -> String? {
        guard let file = try? Files.open(CString(path), [.read, .closeOnExec]),
            let bytes = try? Files.read(file.number, atMost: 4096)
        else { return nil }
        return PrintableText.escape(bytes.prefix { $0 != UInt8(ascii: "\n") })
    }
}
