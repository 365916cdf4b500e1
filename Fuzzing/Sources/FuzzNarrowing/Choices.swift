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

    /// The rules of a profile on files; a repository's file may hold them too.
    mutating func fileSystem() -> String {
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
        return "filesystem: {\(fields.joined(separator: ", "))}\n"
    }

    /// The rules of a profile on hosts.
    mutating func network(forRepository: Bool) -> String {
        var fields: [String] = []
        for name in ["allow", "deny"] where next(below: 4) > 0 {
            let rules = (0..<next(below: 4)).map { _ in name == "allow" ? hostRule() : "\"\(host())\"" }
            fields.append("\(name): [\(rules.joined(separator: ", "))]")
        }
        if !forRepository, next(below: 2) > 0 { fields.append("hosts: {b.a.example: 10.0.0.1}") }
        if !forRepository, next(below: 2) > 0 { fields.append("loopback: {connect: [80]}") }
        return "network: {\(fields.joined(separator: ", "))}\n"
    }

    private mutating func host() -> String {
        pick(
            ["a.example", "*.a.example", "b.a.example", "*.b.a.example", "c.b.a.example"], else: "a.example")
    }

    private mutating func hostRule() -> String {
        let ports = pick(["443", "80", "443, 80", "80, 22"], else: "443")
        var rule = next(below: 4) == 0 ? "{address: 10.0.0.1" : "{host: \"\(host())\""
        let isHost = rule.hasPrefix("{host")
        rule +=
            ", ports: [\(ports)]"
            + pick(
                ["", ", protocol: tls", ", protocol: http", ", protocol: tcp", ", protocol: auto"], else: "")
        if isHost { rule += pick(["", ", addresses: private", ", addresses: public"], else: "") }
        return rule + "}"
    }

    /// Few names, so that paths meet.
    private mutating func path(anyDepth: Bool) -> String {
        let start = pick(["/w", "/w/a", "~", "~/.ssh", "${workspace}", "/tmp", "~/src"], else: "/w")
        var names = ["a", "b", "*", "a*", "*b", ".ssh", "id_rsa", "app", "ssh-1"]
        if anyDepth { names.append("**") }
        return start + (0..<next(below: 4)).map { _ in "/" + pick(names, else: "a") }.joined()
    }
}
