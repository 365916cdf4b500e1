internal import Fuzzer
internal import Glibc
internal import Linux

/// A directory below the current one with a repository, a working tree, a submodule, and what a hostile
/// `.git` file would rather lead to.
struct HostileTree {
    let root: AbsolutePath

    /// Directories that could be a worktree's own; the first one is.
    static let directories = [
        "main/.git/worktrees/w", "decoy/worktrees/w", "secrets", "main/.git/modules/lib", "worktrees/w",
    ]

    init() {
        guard let current = unsafe realpath(".", nil) else { fatalError("no current directory") }
        defer { unsafe free(current) }
        guard let root = AbsolutePath(unsafe String(cString: current) + "/hostile-tree") else {
            fatalError("no usable current directory")
        }
        self.root = root
        for name in Self.directories + ["main/.git/objects", "main/.git/refs", "main/lib", "tree"] {
            makeDirectory(place(name))
        }
        for name in ["main/.git/HEAD", "main/.git/modules/lib/HEAD", "secrets/HEAD", "secrets/id_rsa"] {
            write(Array("ref: refs/heads/main\n".utf8), to: [name])
        }
        // Both may be there from the last run.
        _ = unsafe symlink("main", place("alias").description)
        _ = unsafe symlink("main/.git", place("tree-git").description)
    }

    func place(_ relative: String) -> AbsolutePath {
        guard let path = root.appending(relative: Array(relative.utf8)) else { fatalError(relative) }
        return path
    }

    func write(_ bytes: [UInt8], to names: [String]) {
        for name in names {
            guard let file = unsafe fopen(place(name).description, "w") else {
                fatalError("cannot write \(name)")
            }
            defer { unsafe fclose(file) }
            let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
            Fuzzer.check(written == bytes.count, "cannot write \(name)")
        }
    }

    /// That it is a directory at which no link leads.
    func requireRealDirectory(_ path: AbsolutePath) {
        Fuzzer.check(realPath(path.bytes) == path, "\(path) isn't where it says")
    }

    /// Where the first line of a file leads, as the kernel says; nil for nowhere.
    func realPath(namedBy file: AbsolutePath, from directory: AbsolutePath) -> AbsolutePath? {
        guard let stream = unsafe fopen(file.description, "r") else { return nil }
        defer { unsafe fclose(stream) }
        var line: [UInt8] = []
        while case let byte = unsafe getc(stream), byte != EOF, byte != 0x0a {
            line.append(UInt8(truncatingIfNeeded: byte))
        }
        let isAbsolute = line.first == UInt8(ascii: "/")
        return realPath(isAbsolute ? line : directory.bytes + [UInt8(ascii: "/")] + line)
    }

    private func realPath(_ bytes: [UInt8]) -> AbsolutePath? {
        var text = bytes.map { CChar(bitPattern: $0) }
        text.append(0)
        guard let real = unsafe realpath(text, nil) else { return nil }
        defer { unsafe free(real) }
        return AbsolutePath(unsafe String(cString: real))
    }

    private func makeDirectory(_ path: AbsolutePath) {
        for directory in path.ancestors.reversed() + [path] { _ = unsafe mkdir(directory.description, 0o700) }
    }
}
