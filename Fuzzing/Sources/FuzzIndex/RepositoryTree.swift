internal import Fuzzer
internal import Glibc
internal import Linux

/// A working tree below the current directory with one file, an empty directory, and links and names that lead
/// out of it to files that would answer.
struct RepositoryTree {
    let root: AbsolutePath

    /// What stands in a file outside that has the form of a reference.
    static let decoy = "dddddddddddddddddddddddddddddddddddddddd"

    init() {
        guard let current = unsafe realpath(".", nil) else { fatalError("no current directory") }
        defer { unsafe free(current) }
        guard let root = AbsolutePath(unsafe String(cString: current) + "/outside/repository") else {
            fatalError("no usable current directory")
        }
        self.root = root
        for name in ["", ".git/refs/heads", "sub"] { Self.makeDirectory(place(name)) }
        write(Array("ref: refs/heads/main\n".utf8), to: ".git/HEAD")
        write(Array("[core]\n\tbare = false\n".utf8), to: ".git/config")
        write(Array(Self.decoy.utf8), to: "../refs")
        write(Array("file".utf8), to: "file")
        write(Array("file".utf8), to: "../file")
        // Both may be there from the last run.
        _ = unsafe symlink("..", place("up").description)
        _ = unsafe symlink("../../..", place(".git/refs/up").description)
        _ = unsafe mkfifo(place("pipe").description, 0o600)
    }

    private func place(_ relative: String) -> AbsolutePath {
        var path = root
        for component in relative.split(separator: "/") {
            path = component == ".." ? path.parent ?? .root : path.appending(String(component))
        }
        return path
    }

    func write(_ bytes: [UInt8], to name: String) {
        guard let file = unsafe fopen(place(name).description, "w") else {
            fatalError("cannot write \(name)")
        }
        defer { unsafe fclose(file) }
        let written = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
        Fuzzer.check(written == bytes.count, "cannot write \(name)")
    }

    private static func makeDirectory(_ path: AbsolutePath) {
        for directory in path.ancestors.reversed() + [path] { _ = unsafe mkdir(directory.description, 0o700) }
    }
}
