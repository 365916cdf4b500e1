internal import Fuzzer
internal import Linux
internal import PolicyModel
internal import Profile

/// A repository's file as large as one may be, made by repeating parts of the input: whatever they are,
/// the time to read and merge it is bounded. libFuzzer's -timeout is the property.
@main
enum FuzzLargeProfile {
    static func main() {
        _ = unsafe Fuzzer.run { start, count in
            FuzzLargeProfile.check(Fuzzer.parts(unsafe Fuzzer.bytes(start, count), count: 4))
            return 0
        }
    }

    private static let user = Array(
        """
        version: 1
        filesystem: {workspace: write, read: [~, /usr, "/srv/*"], deny: ["${workspace}/**/secrets"]}
        network: {allow: [a.example, "*.b.example", {host: "*.a.example", ports: [22, 80, 443]}]}
        process: {env: {pass: [LANG, "LC_*"]}}
        """.utf8)
    /// The most that a file may have.
    private static let size = 1 << 20

    /// A beginning, something that fills half of the file, something that fills the other half, and an end.
    private static func check(_ parts: [[UInt8]]) {
        guard !parts[1].isEmpty || !parts[2].isEmpty else { return }
        let room = size - parts[3].count
        var text = parts[0]
        fill(&text, with: parts[1], to: parts[2].isEmpty ? room : room / 2)
        fill(&text, with: parts[2], to: room)
        text += parts[3]
        DiagnosticCheck.check(PolicyBuilder.check(text, kind: .repository, source: "r"), of: text)
        _ = try? ModelHost(user: user, repository: text).policy()
    }

    private static func fill(_ text: inout [UInt8], with part: [UInt8], to size: Int) {
        guard !part.isEmpty else { return }
        var number = 0
        while text.count + part.count * 7 < size {
            for byte in part {
                // A number that grows, so that names can differ.
                if byte == UInt8(ascii: "@") { text += Array(String(number).utf8) } else { text.append(byte) }
            }
            number += 1
        }
    }
}
