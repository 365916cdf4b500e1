internal import Fuzzer
internal import PolicyModel
internal import Profile

/// The text of a repository's file beside profiles of users: it only narrows.
@main
enum FuzzRepository {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzRepository.check(unsafe Fuzzer.bytes(start, count))
            return 0
        }
    }

    /// Users of several kinds: the fuzzer finds out what a file can do to each of them.
    private static let users = [
        """
        version: 1
        filesystem: {workspace: write}
        """,
        """
        version: 1
        filesystem:
          workspace: read
          read: [~, /usr, "/srv/*", /tmp, ~/.ssh/known_hosts]
          write: [/srv/a, {path: ~/out, create: dir}, "${workspace}/build"]
          deny: [/usr/lib/secret, "${workspace}/**/secrets"]
          protect: [.husky, "/srv/*/config"]
        process: {env: {pass: [LANG, "LC_*"], set: {CI: "1"}}, limits: {time: 1h, processes: 10}}
        """,
        """
        version: 1
        filesystem: {workspace: none, write: [/srv], read: [/srv/a/b/c, "/srv/*/x"], hide: true}
        process: {syscalls: {allow: [personality], deny: [ptrace]}, debug: true}
        """,
    ].map { Array($0.utf8) }

    /// Each user's policy without a repository; made once, since it is always the same.
    private static let policies = users.map { user in
        do throws(ProfileError) {
            return try ModelHost(user: user).policy()
        } catch {
            fatalError("a user of this fuzzer is refused: \(error.diagnostics)")
        }
    }

    private static func check(_ bytes: [UInt8]) {
        for (user, alone) in zip(users, policies) {
            let host = ModelHost(user: user, repository: bytes)
            guard let narrowed = try? host.policy() else { continue }
            Narrowing.check(narrowed, against: alone)
            let again = try? host.policy()
            Fuzzer.check(again?.canonicalForm == narrowed.canonicalForm, "merged twice, merged differently")
        }
    }
}
