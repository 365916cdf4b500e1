internal import Fuzzer
internal import PolicyModel
internal import Profile

/// Rules of a user and of a repository, made from the input's bytes so that nearly every input is a sound
/// pair of files: the repository's only narrow, and no opinion changes nothing.
@main
enum FuzzNarrowing {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzNarrowing.check(unsafe Fuzzer.bytes(start, count))
            return 0
        }
    }

    private static func check(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let (userFiles, repositoryFiles) = (choices.fileSystem(), choices.fileSystem())
        let user = Array("version: 1\n\(userFiles)\(choices.network(forRepository: false))".utf8)
        let repository = Array("version: 1\n\(repositoryFiles)\(choices.network(forRepository: true))".utf8)
        Fuzzer.check(
            PolicyBuilder.check(repository, kind: .repository, source: "r").isEmpty,
            "the fuzzer wrote nonsense")
        guard let alone = try? ModelHost(user: user).policy() else { return }
        let silent = try? ModelHost(user: user, repository: Array("version: 1\n".utf8)).policy()
        Fuzzer.check(silent?.canonicalForm == alone.canonicalForm, "no opinion changed something")
        guard let narrowed = try? ModelHost(user: user, repository: repository).policy() else { return }
        Narrowing.check(narrowed, against: alone)
    }
}
