internal import Network
internal import Profile
internal import Sandbox

/// The answer of `mews why connect` about a host, for people and for programs.
struct ConnectAnswer: CustomStringConvertible {
    let asked: String
    let endpoint: RequestedEndpoint
    let isInside: Bool
    let explanation: ConnectExplanation

    /// A few lines, each a word and what it says.
    var description: String {
        var lines = ["\(explanation.verdict.rawValue): connect \(endpoint)", "reason: \(explanation.reason)"]
        if let rule = explanation.rule { lines.append("rule: \(rule)") }
        if let check = explanation.check { lines.append("protocol: \(check.word)") }
        if let fix = explanation.fix { lines.append("fix: \(fix)") }
        lines += explanation.notes.map { "note: \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One object in a line, its members in alphabetical order.
    ///
    /// - Throws: never for what it holds.
    func json() throws -> String {
        let rule = explanation.rule.map { AnsweredRule($0.key, $0.written, $0.origin) }
        let answer = Answer(
            verdict: explanation.verdict.rawValue, asked: asked, host: "\(endpoint.host)",
            port: endpoint.port, rule: rule, reason: explanation.reason, fix: explanation.fix,
            protocolCheck: explanation.check?.word, notes: explanation.notes, inside: isInside)
        return try answer.line()
    }

    private struct Answer: Encodable {
        let verdict: String
        var use = "connect"
        let asked: String
        let host: String
        let port: UInt16
        let rule: AnsweredRule?
        let reason: String
        let fix: String?
        let protocolCheck: String?
        let notes: [String]
        let inside: Bool

        private enum CodingKeys: String, CodingKey {
            case verdict, use, asked, host, port, rule, reason, fix, notes, inside
            case protocolCheck = "protocol"
        }
    }
}
