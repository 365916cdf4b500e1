public import Linux

/// Reads the facts of the host that a launch depends on.
public enum HostReader {
    /// The facts of this process.
    ///
    /// - Throws: `refused` when the current directory has been deleted or can't be reached.
    public static func facts() throws(SandboxError) -> HostFacts {
        let identity = Processes.identity()
        let environment = Arguments.environment()
        let directory: AbsolutePath
        do throws(Errno) {
            directory = try Files.workingDirectory()
        } catch {
            throw SandboxError(
                .refused, "the current directory can't be reached", errno: error,
                hint: "change into one that exists")
        }
        var facts = HostFacts(
            user: identity.user, group: identity.group, userName: [], home: nil, environment: environment,
            currentDirectory: directory)
        if let home = facts.value(of: "HOME") { facts.home = AbsolutePath(home) }
        if let name = facts.value(of: "USER") { facts.userName = name }
        // The file is read only when the environment doesn't tell.
        if facts.home == nil || facts.userName.isEmpty, let account = Account.find(identity.user) {
            facts.home = facts.home ?? account.home
            if facts.userName.isEmpty { facts.userName = account.name }
        }
        return facts
    }

    /// Becomes the owner of the workspace, when root works in somebody else's.
    ///
    /// Root's own files would otherwise be readable where a line grants them, and files made in the
    /// workspace would belong to root.
    ///
    /// - Returns: the facts as they are for that user; nil when nothing had to change.
    /// - Throws: `failed` when the kernel refuses.
    public static func becomeOwner(
        of workspace: AbsolutePath, _ facts: HostFacts
    ) throws(SandboxError) -> HostFacts? {
        guard facts.user == 0 else { return nil }
        do throws(Errno) {
            let status = try Files.targetStatus(CString(workspace))
            guard status.uid != 0 else { return nil }
            let account = Account.find(status.uid)
            let group = account?.group ?? status.gid
            try Processes.become(user: status.uid, group: group, groups: [])
            // The change made this process one that can't be looked into, and with that its own
            // /proc/self/uid_map, which the child has to write, root's.
            try Processes.setDumpable(true)
            return changed(facts, to: status.uid, group, account)
        } catch {
            throw SandboxError(
                .failed, "cannot become the owner of the workspace \(workspace)", errno: error,
                hint: "run mews as that user")
        }
    }

    private static func changed(
        _ facts: HostFacts, to user: UInt32, _ group: UInt32, _ account: Account?
    ) -> HostFacts {
        var changed = facts
        changed.user = user
        changed.group = group
        changed.userName = account?.name ?? []
        changed.home = account?.home
        // What names root's own directories or root itself is wrong for that user.
        let personal = ["HOME=", "USER=", "LOGNAME=", "XDG_", "MAIL="]
        changed.environment.removeAll { entry in personal.contains { entry.starts(with: Array($0.utf8)) } }
        if let home = account?.home { changed.environment.append(Array("HOME=".utf8) + home.bytes) }
        if let name = account?.name {
            changed.environment.append(Array("USER=".utf8) + name)
            changed.environment.append(Array("LOGNAME=".utf8) + name)
        }
        return changed
    }
}
