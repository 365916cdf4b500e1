internal import Linux
internal import Profile
internal import Sandbox

/// The answer of `mews why`, for people and for programs.
struct WhyAnswer: CustomStringConvertible {
    let use: String
    let asked: String
    let followed: FollowedPath
    let isInside: Bool
    let explanation: Explanation

    /// A few lines, each a word and what it says.
    var description: String {
        var lines = ["\(explanation.verdict.rawValue): \(use) \(followed.path)"]
        lines += followed.links.map { "link: \($0.path) -> \(PrintableText.escape($0.target))" }
        lines.append("reason: \(explanation.reason)")
        if let rule = explanation.rule { lines.append("rule: \(rule)") }
        if let fix = explanation.fix { lines.append("fix: \(fix)") }
        if !followed.exists, !isInside { lines.append("note: nothing lies there now") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One object in a line, its members in alphabetical order.
    ///
    /// - Throws: never for what it holds.
    func json() throws -> String {
        let rule = explanation.rule.map { AnsweredRule($0.kind.rawValue, $0.written, $0.origin) }
        let answer = Answer(
            verdict: explanation.verdict.rawValue, use: use, asked: asked, path: followed.path.description,
            links: followed.links.map {
                Link(path: $0.path.description, target: PrintableText.escape($0.target))
            },
            rule: rule, reason: explanation.reason, fix: explanation.fix,
            inside: isInside, exists: followed.exists)
        return try answer.line()
    }

    private struct Answer: Encodable {
        let verdict: String
        let use: String
        let asked: String
        let path: String
        let links: [Link]
        let rule: AnsweredRule?
        let reason: String
        let fix: String?
        let inside: Bool
        let exists: Bool
    }

    private struct Link: Encodable {
        let path: String
        let target: String
    }
}
