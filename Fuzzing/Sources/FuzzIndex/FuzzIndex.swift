internal import Fuzzer
internal import Linux
@testable internal import Sandbox

/// An index, a configuration, HEAD and packed references that somebody hostile wrote: they are read to the end or
/// refused, within the bounds, and no path of theirs is looked at outside the working tree.
@main
enum FuzzIndex {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzIndex.check(unsafe Fuzzer.bytes(start, count))
            return 0
        }
    }

    private static let tree = RepositoryTree()
    private static let user = Processes.identity().user

    private static func check(_ bytes: [UInt8]) {
        switch bytes.first {
        case UInt8(ascii: "C"): checkConfiguration(Array(bytes.dropFirst()))
        case UInt8(ascii: "H"): checkHead(Array(bytes.dropFirst()))
        default: checkIndex(bytes)
        }
    }

    private static func checkIndex(_ bytes: [UInt8]) {
        for length in [20, 32] {
            guard var index = try? GitIndex(bytes, objectLength: length) else { continue }
            var left = bytes.count
            while let entry = try? index.next() {
                Fuzzer.check(!entry.name.isEmpty && !entry.name.contains(0), "a name that is none")
                Fuzzer.check(entry.object.count == length, "the object's name has another length")
                left -= 1
                Fuzzer.check(left > 0, "more entries than bytes")
            }
            _ = index.isWhole()
        }
        tree.write(bytes, to: ".git/index")
        let state = RepositoryState(of: tree.root, user: user, limits: .init(time: 1_000_000_000))
        // The tree has one file, which no index can describe as it is but by its content: no input says that a
        // file outside is unchanged.
        Fuzzer.check(state != nil, "not a working tree any more")
        if state?.trackedFiles == .clean { requireInside(bytes) }
    }

    /// Every entry that was found unchanged names the one file of the tree or was passed over.
    private static func requireInside(_ bytes: [UInt8]) {
        guard var index = try? GitIndex(bytes, objectLength: 20) else { return }
        while let entry = try? index.next() {
            let isFile = entry.name.elementsEqual("file".utf8)
            let isSubmodule = entry.mode & 0o170000 == 0o160000 && entry.name.elementsEqual("sub".utf8)
            Fuzzer.check(
                isFile || isSubmodule || entry.isPassedOver,
                "\(PrintableText.escape(entry.name)) is said to be unchanged")
        }
    }

    private static func checkConfiguration(_ bytes: [UInt8]) {
        guard let configuration = try? GitConfiguration(bytes) else { return }
        checkMasked(configuration)
        guard let remote = configuration.remote, let kept = RepositoryState.withoutUser(remote) else {
            return
        }
        Fuzzer.check(kept.count <= remote.count, "an address grew")
        Fuzzer.check(RepositoryState.withoutUser(kept) != nil || kept.isEmpty, "an address is lost")
    }

    /// A copy without credentials is a configuration, has none, and all the rest.
    private static func checkMasked(_ configuration: GitConfiguration) {
        let credentials = GitCredentials(configuration)
        guard let copy = try? GitConfiguration(credentials.masked) else {
            return Fuzzer.check(false, "the copy isn't a configuration")
        }
        let again = GitCredentials(copy)
        Fuzzer.check(again.found.isEmpty, "the copy holds credentials: \(again.found)")
        Fuzzer.check(
            copy.settings.count <= configuration.settings.count
                && copy.settings.count + credentials.found.count >= configuration.settings.count,
            "a setting is lost")
        guard credentials.found.isEmpty else { return }
        for (one, other) in zip(configuration.settings, copy.settings) {
            Fuzzer.check(
                one.section == other.section && one.subsection == other.subsection && one.key == other.key
                    && one.value == other.value, "a setting is another one in the copy")
        }
    }

    private static func checkHead(_ bytes: [UInt8]) {
        let parts = Fuzzer.parts(bytes, count: 2)
        tree.write(parts[0], to: ".git/HEAD")
        tree.write(parts[1], to: ".git/packed-refs")
        let state = RepositoryState(of: tree.root, user: user, limits: .init(time: 1_000_000_000))
        guard let commit = state?.commit else { return }
        Fuzzer.check(commit.count == 40 || commit.count == 64, "no commit")
        Fuzzer.check(!commit.elementsEqual(RepositoryTree.decoy.utf8), "read outside the repository")
    }
}
