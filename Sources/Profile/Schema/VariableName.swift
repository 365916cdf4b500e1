/// Names of environment variables.
enum VariableName {
    /// Variables that Mews sets in the sandbox itself.
    static let own = ["MEWS", "MEWS_SESSION"]

    /// Checks a name, or a name with `*` at its end.
    static func check(_ text: Substring, allowsWildcard: Bool) throws(ScalarError) {
        guard text != "*" else {
            throw ScalarError(
                "'*' would hand on every variable, secrets included", remedy: "name the variables, as in LC_*"
            )
        }
        var name = text
        if allowsWildcard, name.last == "*" { name = name.dropLast() }
        let isName = name.utf8.allSatisfy {
            ($0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z"))
                || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_")
        }
        guard isName, let first = name.utf8.first, first > UInt8(ascii: "9") else {
            let example =
                allowsWildcard ? "letters, digits and _, at the end perhaps *" : "letters, digits and _"
            throw ScalarError(
                "\(quoted(String(text))) isn't the name of a variable", remedy: "write \(example)")
        }
        guard !own.contains(String(text)) else {
            throw ScalarError("Mews sets \(text) itself", remedy: "remove it")
        }
    }

    /// Whether a pattern names everything that another one names.
    static func covers(_ pattern: String, _ other: String) -> Bool {
        guard pattern.hasSuffix("*") else { return pattern == other }
        return other.hasPrefix(pattern.dropLast())
    }
}
