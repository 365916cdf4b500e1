internal import Linux
internal import Profile

/// What can't be looked at is no place where nothing is: a command that owns a directory can take its permissions away
/// in one session and give them back in the next, when what is in it would be held by no line.
extension ViewBuilder {
    /// Whether the command could open a directory up that this user may not look into: when it owns it, and it is
    /// granted, be it for reading: without mounts nothing keeps chmod(2) from it (landlock(7), "Current limitations").
    /// Elsewhere the command is kept out like the user.
    func canBeOpened(_ directory: AbsolutePath) throws(SandboxError) -> Bool {
        guard isGranted(directory) else { return false }
        do throws(Errno) {
            return try Files.status(CString(directory)).uid == facts.user
        } catch {
            throw Self.unread(directory, error, nil)
        }
    }

    /// Whether a place lies in a granted tree, or is one.
    func isGranted(_ path: AbsolutePath) -> Bool {
        rules.contains {
            if case .grant = $0.kind { $0.path.contains(path) } else { false }
        }
    }

    /// Refuses a restriction whose place can't be looked at where the command could.
    func refuseOpenable(
        _ directory: AbsolutePath, _ written: String, _ origin: Origin
    ) throws(SandboxError) {
        guard try canBeOpened(directory) else { return }
        throw Self.closed(directory, written, origin)
    }

    /// Refuses a pattern of a restriction that can't be held in a directory that nobody lists: the names in it may be
    /// used all the same, or the command could list it.
    func refuseUnlisted(
        _ directory: AbsolutePath, _ pattern: PathPattern, _ origin: Origin
    ) throws(SandboxError) {
        guard isGranted(directory) else { return }
        if try canBeOpened(directory) { throw Self.closed(directory, pattern.written, origin) }
        do throws(Errno) {
            _ = try Files.statusIfThere(CString(directory.appending("*")))
        } catch .accessDenied {
            return
        } catch {
            throw Self.unread(directory, error, origin)
        }
        throw SandboxError(
            .refused,
            "\(pattern.written) can't be held in \(directory), which can't be listed but passed through",
            origin: origin, hint: "deny \(directory) as a whole")
    }

    /// The status of a place that decides what is protected; nil when nothing is there, or nothing that the command
    /// could reach.
    func protectedStatus(_ path: AbsolutePath, _ origin: Origin) throws(SandboxError) -> FileStatus? {
        do throws(Errno) {
            return try Files.statusIfThere(CString(path))
        } catch .accessDenied {
            try refuseOpenable(path.parent ?? .root, "\(path)", origin)
            return nil
        } catch {
            throw Self.unread(path, error, origin)
        }
    }

    /// Something couldn't be looked at, for no lack of permission.
    static func unread(_ path: AbsolutePath, _ errno: Errno, _ origin: Origin?) -> SandboxError {
        SandboxError(.failed, "cannot look at \(path)", errno: errno, origin: origin)
    }

    private static func closed(
        _ directory: AbsolutePath, _ written: String, _ origin: Origin
    ) -> SandboxError {
        SandboxError(
            .refused,
            "\(written) can't be held: \(directory) can't be looked into, and the command could open it",
            origin: origin,
            hint: "look at it, and give yourself its permissions back: chmod u+rx \(directory)")
    }
}
