internal import Fuzzer
internal import Linux
internal import PolicyModel
internal import Profile

/// A repository's file as large as one may be, made by repeating a part of the input: whatever the part,
/// the time to read and merge it is bounded. libFuzzer's -timeout is the property.
@main
enum FuzzLargeProfile {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzLargeProfile.check(Fuzzer.parts(unsafe Fuzzer.bytes(start, count), count: 3))
            return 0
        }
    }

    private static let user = Array(
        """
        version: 1
        filesystem: {workspace: write, read: [~, /usr, "/srv/*"], deny: ["${workspace}/**/secrets"]}
        process: {env: {pass: [LANG, "LC_*"]}}
        """.utf8)
    /// The most that a file may have.
    private static let size = 1 << 20

    private static func check(_ parts: [[UInt8]]) {
        guard !parts[1].isEmpty else { return }
        var text = parts[0]
        var number = 0
        while text.count + parts[1].count + parts[2].count + 8 < size {
            for byte in parts[1] {
                // So that names can differ.
                if byte == UInt8(ascii: "@") { text += Array(String(number).utf8) } else { text.append(byte) }
            }
            number += 1
        }
        text += parts[2]
        DiagnosticCheck.check(PolicyBuilder.check(text, kind: .repository, source: "r"), of: text)
        _ = try? ModelHost(user: user, repository: text).policy()
    }
}
