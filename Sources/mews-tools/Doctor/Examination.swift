internal import Linux
internal import Profile
internal import Sandbox

/// Everything that the doctor tries, in the order in which a sandbox is built.
struct Examination {
    let facts: HostFacts
    let installation: Installation
    /// Through which FUSE device denied reads are to be seen.
    let device: AbsolutePath

    /// The names of the checks without which nothing runs; a check that fails beside them is a remark.
    static let whole = "the whole sandbox"
    /// See `whole`.
    static let log = "the log"
    /// The names of the checks on which it depends what the log can tell.
    static let reads = "denied reads are seen"
    /// See `reads`.
    static let writes = "denied writes and system calls are seen"
    /// See `reads`.
    static let connections = "connections to where nobody listens are seen"
    /// See `reads`.
    static let owners = "whose a connection is can be told"

    /// The probes.
    var probes: [Probe] {
        limitProbes + namespaceProbes + networkProbes + mountProbes + wallProbes + hostProbes + [logProbe]
            + observationProbes + [wholeProbe]
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
