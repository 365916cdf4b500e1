/// How profiles are named: by `-p` and by `extends`.
enum ProfileReference {
    /// Whether it is a path rather than a name.
    static func isPath(_ text: String) -> Bool {
        text.contains("/") || text.hasSuffix(".yaml")
    }

    /// Checks a name or a path.
    static func check(_ text: String) throws(ScalarError) {
        guard isPath(text) else { return try checkName(text) }
        guard !text.utf8.contains(0) else { throw ScalarError("a path with a NUL byte", remedy: "remove it") }
    }

    /// Checks a name: it becomes a file's name, so it can't lead elsewhere or hide.
    static func checkName(_ text: String) throws(ScalarError) {
        let isName = text.utf8.allSatisfy {
            ($0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z"))
                || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard isName, let first = text.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-"),
            text.utf8.count <= 128
        else {
            throw ScalarError(
                "\(quoted(text)) isn't the name of a profile",
                remedy: "begin with a letter, a digit or '_'; then also '-' and '.'")
        }
    }
}
