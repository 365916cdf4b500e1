internal import Linux

/// What the door gives up before it reads a byte of the sandbox.
///
/// It relays for programs that nobody trusts, with the rights of the user. Afterwards it can move bytes between sockets
/// and make connections, and nothing else: no file, no program, no other process.
public enum Confinement {
    /// Confines this process for good.
    public static func enforce() throws(DoorError) {
        // Nobody of the same user may look into it or attach.
        try call("prctl(PR_SET_DUMPABLE)") { () throws(Errno) in try Processes.setDumpable(false) }
        try call("prctl(PR_SET_NO_NEW_PRIVS)") { () throws(Errno) in try Processes.refuseNewPrivileges() }
        try call("setrlimit") { () throws(Errno) in try limit() }
        try call("cap_set_proc") { () throws(Errno) in try Capabilities.giveUp() }
        try call("landlock_restrict_self") { () throws(Errno) in try leaveFiles() }
        // Last, because it refuses everything that the others take.
        try DoorFilter.load()
    }

    private static func call(_ name: String, _ body: () throws(Errno) -> Void) throws(DoorError) {
        do throws(Errno) {
            try body()
        } catch {
            throw .call(name, error)
        }
    }

    /// The most descriptors: two for each connection, two for each pipe, listeners, and the resolver's.
    private static let descriptors: UInt64 = 4096

    private static func limit() throws(Errno) {
        let files = try Processes.limit(.openFiles)
        let most = min(files.hard, descriptors)
        try Processes.setLimit(.openFiles, soft: most, hard: most)
        // No core: the bytes of connections are in it. No file grows, and there are no children.
        for resource in [Resource.core, .fileSize, .processes] {
            try Processes.setLimit(resource, soft: 0, hard: 0)
        }
    }

    /// No right on any file, no signal and no abstract socket of anybody outside.
    private static func leaveFiles() throws(Errno) {
        let version: Int32
        do throws(Errno) {
            version = try Landlock.version()
        } catch {
            // A kernel without it: the filter refuses to open anything all the same.
            guard error == .notImplemented || error == .notSupported else { throw error }
            return
        }
        let ruleset = try Landlock.makeRuleset(version: version)
        try Landlock.enforce(ruleset.number)
    }
}
