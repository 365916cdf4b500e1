internal import Glibc
internal import Linux

/// A file of the user's that is read whole and replaced whole.
struct OwnFile {
    /// Why it isn't touched.
    struct Refusal: Error {
        /// Why.
        let reason: String
    }

    /// Where it is.
    let path: AbsolutePath
    private let user: UInt32
    private static let mostBytes = 4 << 20

    /// Names the file.
    init(_ path: AbsolutePath, user: UInt32) {
        self.path = path
        self.user = user
    }

    /// What it holds; nil when there is none.
    ///
    /// - Throws: for a link, for what isn't a regular file, and for a file of somebody else.
    func content() throws(Refusal) -> [UInt8]? {
        let flags: Files.Flags = [.read, .noFollow, .nonBlocking, .noControllingTerminal, .closeOnExec]
        do throws(Errno) {
            let file = try Files.open(CString(path), flags)
            let status = try Files.status(of: file.number)
            guard status.kind == .regular, status.uid == user, status.links == 1,
                let bytes = try Files.readAll(file.number, limit: Self.mostBytes)
            else { throw Errno.invalidArgument }
            return bytes
        } catch .noEntry {
            return nil
        } catch .loop {
            throw Refusal(reason: "\(path) is a symbolic link; change the file that it names yourself")
        } catch .invalidArgument {
            throw Refusal(reason: "\(path) isn't a regular file of yours with one name")
        } catch {
            throw Refusal(reason: "\(path) can't be read: \(error)")
        }
    }

    /// Replaces it as a whole: whoever reads it meanwhile reads the old or the new one.
    func replace(with bytes: [UInt8], mode: UInt32 = 0o600) throws(Refusal) {
        // Also looks whether it may be replaced.
        let before = try content() == nil ? nil : try? Files.status(CString(path))
        guard let parent = path.parent, path.description.utf8.elementsEqual(path.bytes) else {
            throw Refusal(reason: "\(path) isn't a path that can be written here")
        }
        let temporary = parent.appending(
            ".mews-\(getpid())-" + String(decoding: path.lastComponent, as: UTF8.self))
        do throws(Errno) {
            // What everybody reads has to lie where everybody can come to.
            try Self.makeDirectories(parent, mode: mode & 0o044 == 0 ? 0o700 : 0o755)
            let flags: Files.Flags = [.write, .create, .exclusive, .noFollow, .closeOnExec]
            let file = try Files.open(CString(temporary), flags, mode: 0o600)
            try Files.writeAll(file.number, bytes)
            try Files.setMode(of: file.number, before.map { $0.mode & 0o777 } ?? mode)
            try Files.synchronize(file.number)
            let result = unsafe rename(temporary.description, path.description)
            if result != 0 { throw Errno(errno) }
        } catch {
            try? Files.remove(CString(temporary))
            throw Refusal(reason: "\(path) can't be written: \(error)")
        }
    }

    /// Takes it away, if it is there.
    func remove() throws(Refusal) {
        do throws(Errno) {
            try Files.remove(CString(path))
        } catch .noEntry {
            return
        } catch {
            throw Refusal(reason: "\(path) can't be removed: \(error)")
        }
    }

    /// Removes directories, of which the deepest comes first. One in which something is stays.
    static func removeEmpty(_ directories: [AbsolutePath]) {
        for directory in directories { _ = unsafe rmdir(directory.description) }
    }

    private static func makeDirectories(_ path: AbsolutePath, mode: UInt32) throws(Errno) {
        for directory in Files.missingDirectories(to: path).reversed() {
            do throws(Errno) {
                try Files.makeDirectory(CString(directory), mode: mode)
                // Whatever the caller's umask takes away.
                let made = try Files.open(CString(directory), [.read, .directory, .noFollow, .closeOnExec])
                try Files.setMode(of: made.number, mode)
            } catch .exists { continue }
        }
    }
}
