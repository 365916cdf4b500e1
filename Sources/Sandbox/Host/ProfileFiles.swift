public import Linux
public import Profile

/// Reads profiles from the host, refusing every file that somebody else could have written.
public enum ProfileFiles {
    private static let mostBytes = 1 << 20
    private static let worldWritable: UInt32 = 0o002

    /// The content of a profile; nil when there is none.
    ///
    /// A user's and a built-in profile grant, so they must belong to this user or to root; a repository's
    /// can't. Nor can any within another sandbox, where the owners of files can't be told. Throws what is wrong with
    /// the file.
    public static func read(
        _ path: AbsolutePath, _ kind: ProfileKind, user: UInt32, isNested: Bool = false
    ) throws(Diagnostic) -> [UInt8]? {
        let origin = Origin(authority: kind.authority, source: "\(path)")
        let status: FileStatus
        let bytes: [UInt8]?
        do throws(Errno) {
            // Not waiting: opening a FIFO would otherwise last until somebody writes.
            let file = try Files.open(
                CString(path), [.read, .nonBlocking, .noControllingTerminal, .closeOnExec])
            status = try Files.status(of: file.number)
            bytes = status.kind == .regular ? try Files.readAll(file.number, limit: mostBytes) : []
        } catch .noEntry, .notDirectory {
            return nil
        } catch {
            throw Diagnostic(origin, "cannot read the profile: \(error)", remedy: "check its permissions")
        }
        if let problem = problem(with: status, isNested ? .repository : kind, user) {
            throw Diagnostic(origin, problem.what, remedy: problem.remedy)
        }
        guard let bytes else {
            throw Diagnostic(
                origin, "the profile is larger than \(mostBytes) bytes", remedy: "is it the right file?")
        }
        return bytes
    }

    private static func problem(
        with status: FileStatus, _ kind: ProfileKind, _ user: UInt32
    ) -> (what: String, remedy: String)? {
        guard status.kind == .regular else {
            return ("the profile isn't a regular file", "name the file itself")
        }
        if kind == .repository { return nil }
        if status.uid != user, status.uid != 0 {
            return ("the profile belongs to user \(status.uid)", "chown it to yourself, or copy it")
        }
        if status.mode & worldWritable != 0 {
            return ("everybody can write the profile", "chmod o-w it, after a look at what it says")
        }
        return nil
    }

    /// The names of the files in a directory of profiles; none when it can't be listed.
    public static func names(in directory: AbsolutePath) -> [String] {
        let flags: Files.Flags = [.read, .directory, .nonBlocking, .closeOnExec]
        guard let descriptor = try? Files.open(CString(directory), flags),
            let entries = try? Files.entries(of: descriptor.number)
        else { return [] }
        return entries.map { String(decoding: $0.name, as: UTF8.self) }
    }
}
