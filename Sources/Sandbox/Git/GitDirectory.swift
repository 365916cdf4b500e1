internal import Linux

/// A directory with a repository's own files, opened without links. Everything in it can have been written by a
/// command in a sandbox, so that only regular files below it are read, up to a bound, and none is waited for.
struct GitDirectory: ~Copyable {
    private let place: FileDescriptor

    /// Opens it; nil when it isn't a directory or is reached through a link.
    init?(_ path: AbsolutePath) {
        guard let place = try? Files.openWithoutLinks(CString(path)),
            (try? Files.status(of: place.number).isDirectory) == true
        else { return nil }
        self.place = place
    }

    /// The content of a file and what its status was when it was opened.
    ///
    /// - Returns: nil when there is none, when it is too large, or anything but a regular file.
    func content(of name: [UInt8], limit: Int) -> (bytes: [UInt8], status: FileStatus)? {
        Self.content(of: CString(name), below: place.number, limit: limit)
    }

    /// The same for a text name.
    func content(of name: String, limit: Int) -> (bytes: [UInt8], status: FileStatus)? {
        content(of: Array(name.utf8), limit: limit)
    }

    /// Whether something has that name.
    func holds(_ name: String) -> Bool {
        (try? Files.status(CString(name), at: place.number)) != nil
    }

    /// The content of a regular file below a directory.
    static func content(
        of name: CString, below directory: Int32, limit: Int
    ) -> (bytes: [UInt8], status: FileStatus)? {
        let flags: Files.Flags = [.read, .noFollow, .nonBlocking, .noControllingTerminal, .closeOnExec]
        guard let file = try? Files.open(name, below: directory, flags),
            let status = try? Files.status(of: file.number), status.kind == .regular,
            status.size <= UInt64(limit),
            let bytes = try? Files.readAll(file.number, limit: limit)
        else { return nil }
        return (bytes, status)
    }
}
