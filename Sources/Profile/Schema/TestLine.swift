/// The lines of `tests`: read here, run by a later version.
enum TestLine {
    /// Checks one line.
    static func check(_ text: String) throws(ScalarError) {
        let usage = "write allow|deny read|write|exec PATH, or allow|deny connect HOST[:PORT]"
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "allow" || words[0] == "deny" else {
            throw ScalarError("\(quoted(text)) isn't a test", remedy: usage)
        }
        let object = String(words[2])
        switch words[1] {
        case "read", "write", "exec": _ = try PathExpression(Array(object.utf8), wildcards: .none)
        case "connect": _ = try HostRule.read(object, allowsAddress: true)
        default:
            let verbs = ["read", "write", "exec", "connect"]
            let guess = Suggestion.nearest(to: String(words[1]), among: verbs).map { "did you mean \($0)?" }
            throw ScalarError("\(quoted(String(words[1]))) can't be tested", remedy: guess ?? usage)
        }
    }
}
