internal import Fuzzer
internal import Linux
@testable internal import Sandbox

/// A `.git` file, a back-link and a commondir that somebody hostile wrote, in a tree with decoys: what is
/// granted in the end is a repository that names this working tree in return, and nothing else.
@main
enum FuzzGitLink {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzGitLink.check(Fuzzer.parts(unsafe Fuzzer.bytes(start, count), count: 3))
            return 0
        }
    }

    private static let tree = HostileTree()
    private static let user = Processes.identity().user

    private static func check(_ parts: [[UInt8]]) {
        // So that seeds can name places: the tree has another path in each run.
        let texts = parts.map { $0.flatMap { $0 == UInt8(ascii: "@") ? tree.root.bytes : [$0] } }
        tree.write(texts[0], to: ["tree/.git", "main/lib/.git"])
        tree.write(texts[1], to: HostileTree.directories.map { $0 + "/gitdir" })
        tree.write(texts[2], to: HostileTree.directories.map { $0 + "/commondir" })
        for file in ["tree/.git", "main/lib/.git"].map(tree.place) {
            guard let link = try? GitLink(at: file, user: user) else { continue }
            tree.requireRealDirectory(link.directory)
            if let common = link.common {
                checkWorktree(link.directory, common, file)
            } else {
                checkSubmodule(link.directory, file)
            }
        }
    }

    private static func checkWorktree(
        _ directory: AbsolutePath, _ common: AbsolutePath, _ file: AbsolutePath
    ) {
        tree.requireRealDirectory(common)
        Fuzzer.check(directory.parent == common.appending("worktrees"), "\(directory) isn't in \(common)")
        Fuzzer.check(
            tree.realPath(namedBy: directory.appending("gitdir"), from: directory) == file,
            "no way back to \(file)")
        Fuzzer.check(
            tree.realPath(namedBy: directory.appending("commondir"), from: directory) == common,
            "not \(common)")
        // Only this directory of the tree is a repository.
        Fuzzer.check(common == tree.place("main/.git"), "\(common) is a decoy")
    }

    private static func checkSubmodule(_ directory: AbsolutePath, _ file: AbsolutePath) {
        let modules = file.parent?.parent?.appending(".git").appending("modules")
        Fuzzer.check(file == tree.place("main/lib/.git"), "\(file) is no submodule's")
        Fuzzer.check(
            modules?.contains(directory) == true && modules != directory, "\(directory) is elsewhere")
    }
}
