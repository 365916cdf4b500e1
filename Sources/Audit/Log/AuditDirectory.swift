public import Linux

/// The directory of a user's logs, open and known to be the user's alone.
public struct AuditDirectory: ~Copyable {
    /// Where it lies.
    public let path: AbsolutePath
    let descriptor: FileDescriptor
    let user: UInt32

    /// Opens `mews/audit` below a directory (`$XDG_STATE_HOME`), making what is missing, 0700.
    ///
    /// - Parameters:
    ///   - stateHome: the directory.
    ///   - user: who is to own the log, the effective user.
    /// - Throws: when one of them can't be made, is somebody else's, or is writable by others.
    public init(stateHome: AbsolutePath, user: UInt32) throws(AuditFailure) {
        try self.init(at: stateHome.appending("mews").appending("audit"), user: user)
    }

    /// Opens a directory of logs, making what is missing, 0700.
    ///
    /// - Parameters:
    ///   - path: where it is, without a link as its last component or the one before.
    ///   - user: who is to own the log, the effective user.
    /// - Throws: when it or the one above can't be made, is somebody else's, or is writable by others.
    public init(at path: AbsolutePath, user: UInt32) throws(AuditFailure) {
        guard let parent = path.parent else { throw .wrongKind(path) }
        let opened = try Self.openOrMake(path)
        // The one above as well: who may write there could put another directory in this one's place. Further up
        // it is the user's home, about which nothing here can decide.
        let above = try Self.opening(parent)
        try Self.check(above.number, parent, user)
        try Self.check(opened.number, path, user)
        self.path = path
        self.user = user
        descriptor = opened
    }

    /// Looks at what is there already of `mews/audit`, without making anything.
    ///
    /// - Returns: whether both directories are there.
    /// - Throws: when one of them is somebody else's, or is writable by others.
    public static func check(stateHome: AbsolutePath, user: UInt32) throws(AuditFailure) -> Bool {
        let parent = stateHome.appending("mews")
        for path in [parent, parent.appending("audit")] {
            let directory: FileDescriptor
            do throws(Errno) {
                directory = try open(path)
            } catch {
                if error == .noEntry { return false }
                throw failure(path, error)
            }
            try check(directory.number, path, user)
        }
        return true
    }

    private static func openOrMake(_ path: AbsolutePath) throws(AuditFailure) -> FileDescriptor {
        do throws(Errno) {
            return try open(path)
        } catch {
            guard error == .noEntry else { throw failure(path, error) }
        }
        try make(path)
        return try opening(path)
    }

    private static func open(_ path: AbsolutePath) throws(Errno) -> FileDescriptor {
        try Files.open(CString(path), [.read, .directory, .noFollow, .closeOnExec])
    }

    private static func opening(_ path: AbsolutePath) throws(AuditFailure) -> FileDescriptor {
        do throws(Errno) { return try open(path) } catch { throw failure(path, error) }
    }

    private static func failure(_ path: AbsolutePath, _ error: Errno) -> AuditFailure {
        // A link where the directory should be, by O_NOFOLLOW with O_DIRECTORY (open(2)).
        error == .notDirectory || error == .loop ? .wrongKind(path) : .unopenable(path, error)
    }

    /// Makes a directory and those above it that are missing.
    private static func make(_ path: AbsolutePath) throws(AuditFailure) {
        do throws(Errno) {
            try Files.makeDirectory(CString(path), mode: 0o700)
        } catch {
            // Another session may have been quicker.
            if error == .exists { return }
            guard error == .noEntry, let parent = path.parent else { throw .unopenable(path, error) }
            try make(parent)
            do throws(Errno) {
                try Files.makeDirectory(CString(path), mode: 0o700)
            } catch {
                if error != .exists { throw .unopenable(path, error) }
            }
        }
    }

    private static func check(
        _ descriptor: Int32, _ path: AbsolutePath, _ user: UInt32
    ) throws(AuditFailure) {
        let status: FileStatus
        do throws(Errno) {
            status = try Files.status(of: descriptor)
        } catch { throw .unopenable(path, error) }
        if status.uid != user { throw .foreign(path, owner: status.uid) }
        if status.mode & 0o022 != 0 { throw .writableByOthers(path, mode: status.mode) }
    }
}
