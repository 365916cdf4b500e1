internal import Linux

/// A working tree whose `.git` is a file that names the directory with the repository's own files.
///
/// The file lies where whoever wrote the repository could put anything into it. It grants something only
/// when the directory itself names this working tree in return: whoever could write that, could read and
/// write the repository anyway.
struct GitLink {
    /// The linked working tree's or the submodule's own directory.
    let directory: AbsolutePath
    /// The main repository's directory, when it is another one.
    let common: AbsolutePath?

    /// Why a `.git` file grants nothing.
    struct Refusal: Error {
        let reason: String
    }

    private static let mostBytes = 8192

    /// Follows a `.git` file and proves the way back.
    init(at file: AbsolutePath, user: UInt32) throws(Refusal) {
        guard let tree = file.parent else { throw Refusal(reason: "it lies in /") }
        let text = try Self.line(of: file, "the .git file")
        let marker = Array("gitdir: ".utf8)
        guard text.starts(with: marker) else { throw Refusal(reason: "it doesn't begin with `gitdir: `") }
        guard let directory = Self.path(text.dropFirst(marker.count), from: tree) else {
            throw Refusal(reason: "it names no usable path")
        }
        self.directory = directory
        try Self.requireDirectory(directory, user)
        if let worktrees = directory.parent, worktrees.lastComponent.elementsEqual("worktrees".utf8),
            let common = worktrees.parent
        {
            try Self.proveWorktree(directory, common, file, user)
            self.common = common
        } else {
            try Self.proveSubmodule(directory, tree)
            common = nil
        }
    }

    /// `<gitdir>/gitdir` must name this very `.git` file, and `<gitdir>/commondir` the repository above.
    private static func proveWorktree(
        _ directory: AbsolutePath, _ common: AbsolutePath, _ file: AbsolutePath, _ user: UInt32
    ) throws(Refusal) {
        let back = try line(of: directory.appending("gitdir"), "its back-link")
        guard leads(back, from: directory, to: file) else {
            throw Refusal(reason: "\(directory)/gitdir doesn't name this working tree")
        }
        let up = try line(of: directory.appending("commondir"), "its commondir")
        guard leads(up, from: directory, to: common) else {
            throw Refusal(reason: "\(directory)/commondir doesn't name \(common)")
        }
        try requireDirectory(common, user)
        for name in ["objects", "refs"] {
            guard (try? Files.status(CString(common.appending(name))).isDirectory) == true else {
                throw Refusal(reason: "\(common) is no repository")
            }
        }
    }

    /// A submodule's directory must lie in `.git/modules` of a repository whose tree holds the submodule.
    private static func proveSubmodule(_ directory: AbsolutePath, _ tree: AbsolutePath) throws(Refusal) {
        for above in tree.ancestors {
            let modules = above.appending(".git").appending("modules")
            if modules.contains(directory), modules != directory {
                let config = try line(of: directory.appending("HEAD"), "its HEAD")
                if !config.isEmpty { return }
            }
        }
        throw Refusal(reason: "\(directory) is neither a worktree's nor a submodule's directory")
    }

    private static func requireDirectory(_ path: AbsolutePath, _ user: UInt32) throws(Refusal) {
        guard let place = try? Files.openWithoutLinks(CString(path)),
            let status = try? Files.status(of: place.number), status.isDirectory
        else { throw Refusal(reason: "\(path) isn't a directory, or is reached through a link") }
        guard status.uid == user else { throw Refusal(reason: "\(path) belongs to another user") }
    }

    /// The first line of a small regular file that no link leads to.
    private static func line(of file: AbsolutePath, _ what: String) throws(Refusal) -> [UInt8] {
        let flags: Files.Flags = [.read, .noFollow, .nonBlocking, .closeOnExec]
        guard let descriptor = try? Files.open(CString(file), flags),
            (try? Files.status(of: descriptor.number).kind) == .regular,
            let bytes = try? Files.readAll(descriptor.number, limit: mostBytes)
        else { throw Refusal(reason: "\(what) can't be read") }
        return Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
    }

    /// Whether a text names a place as it is read here and as the kernel takes it: `.git/` and `.git/../.git`
    /// are the same path on paper, and nothing at all when `.git` is a file.
    private static func leads(_ text: [UInt8], from directory: AbsolutePath, to place: AbsolutePath) -> Bool {
        guard path(text[...], from: directory) == place,
            let start = try? Files.openWithoutLinks(CString(directory)),
            let found = try? Files.openWithoutLinks(CString(text), at: start.number),
            let expected = try? Files.openWithoutLinks(CString(place)),
            let identity = try? Files.status(of: found.number).identity
        else { return false }
        return identity == (try? Files.status(of: expected.number).identity)
    }

    /// An absolute path, or one relative to a directory, with `..` taken against directories without links.
    private static func path(_ bytes: ArraySlice<UInt8>, from directory: AbsolutePath) -> AbsolutePath? {
        guard !bytes.isEmpty, !bytes.contains(0) else { return nil }
        var path = bytes.first == UInt8(ascii: "/") ? AbsolutePath.root : directory
        for component in bytes.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                guard let parent = path.parent else { return nil }
                path = parent
            } else {
                path = path.appending(component)
            }
        }
        return path
    }
}
