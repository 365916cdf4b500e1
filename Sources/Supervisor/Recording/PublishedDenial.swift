internal import Audit

/// A denial as the command itself may read it, in `/run/mews/denials`.
enum PublishedDenial {
    /// One JSON object without a line feed: the code, the sentence, and the line that would allow it.
    static func line(_ denial: Denial, at milliseconds: Int64) -> [UInt8] {
        var text = "{\"event\":\(quoted(denial.code.name.description))"
        if let fix = denial.fix { text += ",\"fix\":\(quoted(fix))" }
        text += ",\"message\":\(quoted(denial.message)),\"reason\":\(quoted(denial.reason.rawValue))"
        return Array((text + ",\"time\":\(milliseconds)}").utf8)
    }

    /// Control characters have been escaped by whoever wrote the text; what is left is JSON's own (RFC 8259).
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
