/// Makes profiles of bytes: each byte is one choice, and 0 when there are no more.
struct Choices {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    private mutating func next(below bound: Int) -> Int {
        Int(bytes.popFirst() ?? 0) % bound
    }

    private mutating func pick<Item>(_ items: [Item], else fallback: Item) -> Item {
        items.isEmpty ? fallback : items[next(below: items.count)]
    }

    /// A profile's text, which a repository's kind may hold if asked for.
    mutating func profile(forRepository: Bool) -> String {
        var fields: [String] = []
        let workspace = next(below: 4)
        if workspace < 3 { fields.append("workspace: " + ["none", "read", "write"][workspace]) }
        // An absent list is another opinion than an empty one.
        for name in ["read", "write", "deny", "protect"] where next(below: 4) > 0 {
            let isRestriction = name == "deny" || name == "protect"
            let count = next(below: isRestriction ? 2 : 5)
            let paths = (0..<count).map { _ in "\"\(path(anyDepth: isRestriction))\"" }
            fields.append("\(name): [\(paths.joined(separator: ", "))]")
        }
        return "version: 1\nfilesystem: {\(fields.joined(separator: ", "))}\n"
    }

    /// Few names, so that paths meet.
    private mutating func path(anyDepth: Bool) -> String {
        let start = pick(["/w", "/w/a", "~", "~/.ssh", "${workspace}", "/tmp", "~/src"], else: "/w")
        var names = ["a", "b", "*", "a*", "*b", ".ssh", "id_rsa", "app", "ssh-1"]
        if anyDepth { names.append("**") }
        return start + (0..<next(below: 4)).map { _ in "/" + pick(names, else: "a") }.joined()
    }
}
