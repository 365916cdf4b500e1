extension Files {
    /// The content of a regular file that somebody else may have put there: it isn't followed as a link nor waited for.
    ///
    /// - Returns: nil when it isn't such a file, can't be read, or is longer than `limit` bytes.
    public static func regularContent(
        _ path: CString, at directory: Int32 = currentDirectory, limit: Int
    ) -> [UInt8]? {
        let flags: Flags = [.read, .noFollow, .nonBlocking, .noControllingTerminal, .closeOnExec]
        guard let file = try? open(path, at: directory, flags),
            (try? status(of: file.number).kind) == .regular
        else { return nil }
        return (try? readAll(file.number, limit: limit)) ?? nil
    }

    /// Which of a directory and those above it aren't there, the deepest first.
    public static func missingDirectories(to path: AbsolutePath) -> [AbsolutePath] {
        var missing: [AbsolutePath] = []
        for directory in [path] + path.ancestors {
            if (try? targetStatus(CString(directory))) != nil { break }
            missing.append(directory)
        }
        return missing
    }

    /// Makes directories, of which the deepest comes first. One that has appeared meanwhile is as good.
    public static func makeDirectories(_ missing: [AbsolutePath], mode: UInt32) throws(Errno) {
        for directory in missing.reversed() {
            do throws(Errno) {
                try makeDirectory(CString(directory), mode: mode)
            } catch .exists {
                continue
            }
        }
    }

    /// What a path names, without following a last symbolic link; nil when nothing is there.
    ///
    /// - Throws: every other errno: that something can't be looked at doesn't say that it isn't there.
    public static func statusIfThere(
        _ path: CString, at directory: Int32 = currentDirectory
    ) throws(Errno) -> FileStatus? {
        do throws(Errno) {
            return try status(path, at: directory)
        } catch .noEntry {
            return nil
        } catch .notDirectory {
            return nil
        }
    }
}
