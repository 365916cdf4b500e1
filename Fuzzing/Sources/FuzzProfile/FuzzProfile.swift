internal import Fuzzer
internal import Linux
internal import PolicyModel
internal import Profile

/// A profile's text, as the user's and as a repository's: whatever it is, it is read or refused, at places
/// that exist, in words that a terminal can show, and always alike.
@main
enum FuzzProfile {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzProfile.check(unsafe Fuzzer.bytes(start, count))
            return 0
        }
    }

    private static func check(_ bytes: [UInt8]) {
        let asUser = PolicyBuilder.check(bytes, kind: .user, source: "profile.yaml")
        let asRepository = PolicyBuilder.check(bytes, kind: .repository, source: "profile.yaml")
        DiagnosticCheck.check(asUser, of: bytes)
        DiagnosticCheck.check(asRepository, of: bytes)
        Fuzzer.check(
            asUser == PolicyBuilder.check(bytes, kind: .user, source: "profile.yaml"),
            "read twice, read differently")
        if asRepository.isEmpty {
            Fuzzer.check(asUser.isEmpty, "a repository may write what its user may not: \(asUser)")
        }
        checkComment(bytes, asUser)
        guard let policy = try? ModelHost(user: bytes).policy() else { return }
        Fuzzer.check(asUser.isEmpty, "a policy was made of what is refused: \(asUser)")
        let again = try? ModelHost(user: bytes).policy()
        Fuzzer.check(again?.canonicalForm == policy.canonicalForm, "merged twice, merged differently")
        let commented = try? ModelHost(user: comment + bytes).policy()
        Fuzzer.check(commented?.canonicalForm == policy.canonicalForm, "a comment changed the policy")
    }

    private static let comment = Array("# A comment\n".utf8)

    /// A line before the text moves what is wrong with it down by one, and changes nothing else.
    private static func checkComment(_ bytes: [UInt8], _ diagnostics: [Diagnostic]) {
        let moved = PolicyBuilder.check(comment + bytes, kind: .user, source: "profile.yaml")
        Fuzzer.check(moved.count == diagnostics.count, "\(diagnostics) became \(moved)")
        for (before, after) in zip(diagnostics, moved) {
            // What concerns the whole file stands at its start.
            let isWhole = before.origin.line == 1 && before.origin.column == 1
            Fuzzer.check(isWhole || after.origin.line == before.origin.line + 1, "\(before) became \(after)")
        }
    }
}
