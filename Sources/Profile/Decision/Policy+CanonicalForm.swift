internal import Linux
internal import Network

extension Policy {
    /// What the policy lets a session do, as bytes that are the same for the same effect: for hashing.
    ///
    /// Lines of ASCII in a fixed order. Who wrote a rule and where, comments, the order of lists, names and
    /// tests don't matter; paths are expanded, so that another workspace or home gives another form.
    /// The workspace's own path isn't in it.
    public var canonicalForm: [UInt8] {
        var form = CanonicalForm()
        form.append(["mews.policy.v1", "require \(require.value)"])
        fileSystem.append(to: &form)
        form.append(network.canonicalLines)
        form.append(process.canonicalLines)
        form.append(audit.canonicalLines)
        return form.bytes
    }
}

/// Lines that are written as bytes: a launch writes some three hundred, and as strings they took a tenth of its
/// time.
private struct CanonicalForm {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(16_384)
    }

    mutating func append(_ lines: [String]) {
        for line in lines {
            bytes.append(contentsOf: line.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// The lines of a list whose order is the program's own and which has nothing twice.
    mutating func append(_ name: String, _ restrictions: [Restriction]) {
        let start = Array((name + " ").utf8)
        for restriction in restrictions {
            bytes.append(contentsOf: start)
            if restriction.pattern.isPlain {
                bytes.append(contentsOf: restriction.pattern.prefix.bytes)
            } else {
                bytes.append(contentsOf: restriction.pattern.canonicalForm.utf8)
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}

extension FileSystemPolicy {
    fileprivate func append(to form: inout CanonicalForm) {
        let grantLines = grants.map { grant in
            let creation = grant.createsDirectory ? " create" : ""
            return "filesystem.\(grant.access)\(creation) \(grant.pattern.canonicalForm)"
        }
        form.append(["filesystem.workspace \(workspace.value)"])
        form.append(Set(grantLines).sorted())
        form.append(Self.lines("filesystem.deny", deny))
        form.append(Self.lines("filesystem.protect", protect))
        form.append("filesystem.floor", floor)
        form.append("filesystem.reserved", reserved)
        form.append(["filesystem.hide \(hide.value)", "filesystem.tmp \(temporarySize.value)"])
    }

    private static func lines(_ name: String, _ restrictions: [Restriction]) -> [String] {
        Set(restrictions.map { "\(name) \($0.pattern.canonicalForm)" }).sorted()
    }
}

extension NetworkPolicy {
    fileprivate var canonicalLines: [String] {
        let rules = allow.flatMap { rule in
            rule.value.ports.map { port in
                let addresses = rule.value.allowsPrivate ? " private" : ""
                return
                    "network.allow \(rule.value.target) \(port) \(rule.value.check(at: port).word)\(addresses)"
            }
        }
        let denials = deny.map { "network.deny \($0.value.target)" + ($0.value.port.map { " \($0)" } ?? "") }
        let names = hosts.map { "network.hosts \($0.value.name) \($0.value.address)" }
        let sockets = unixSockets.map { "network.unix \($0.pattern.canonicalForm)" }
        return Set(rules).sorted() + Set(denials).sorted() + names.sorted()
            + loopback.map { "network.loopback.connect \($0.value)" }.sorted() + Set(sockets).sorted()
    }
}

extension ProcessPolicy {
    fileprivate var canonicalLines: [String] {
        let variables = set.map { "process.set \($0.name)=\(PrintableText.escape($0.value.value))" }
        let limitLines = [
            ("time", limits.time), ("processes", limits.processes), ("open-files", limits.openFiles),
            ("file-size", limits.fileSize),
        ].compactMap { name, limit in limit.map { "process.limits.\(name) \($0.value)" } }
        return Self.lines("process.pass", pass) + variables.sorted() + limitLines
            + Self.lines("process.syscalls.allow", allowedSyscalls)
            + Self.lines("process.syscalls.deny", deniedSyscalls) + ["process.debug \(debug.value)"]
    }

    private static func lines(_ name: String, _ values: [Sourced<String>]) -> [String] {
        Set(values.map { "\(name) \(PrintableText.escape(Array($0.value.utf8)))" }).sorted()
    }
}

extension AuditPolicy {
    fileprivate var canonicalLines: [String] {
        let texts = redact.map { "audit.redact \(PrintableText.escape(Array($0.value.utf8)))" }
        return [
            "audit.level \(level.value.word)", "audit.reads \(reads.value.rawValue)",
            "audit.durability \(durability.value.rawValue)", "audit.on-failure \(onFailure.value.rawValue)",
            "audit.retain \(retain.value)",
        ] + texts.sorted()
    }
}

extension PathPattern {
    /// The pattern's bytes, escaped so that two patterns differ where what they name may differ: a `*` of
    /// the prefix is that character and not a wildcard.
    fileprivate var canonicalForm: String {
        if isPlain { return String(decoding: prefix.bytes, as: UTF8.self) }
        let text = prefix.description
        let literal = text.utf8.contains(UInt8(ascii: "*")) ? text.replacingStars() : text
        let rest = wildcards.map { component in
            switch component {
            case .glob(let bytes): "/" + PrintableText.escape(bytes)
            case .anyDepth: "/**"
            }
        }
        return literal + rest.joined()
    }
}

extension PathPattern {
    /// Whether the bytes of the path are its canonical form.
    fileprivate var isPlain: Bool {
        guard isLiteral else { return false }
        for byte in prefix.bytes
        where byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "*") {
            return false
        }
        return true
    }
}

extension String {
    fileprivate func replacingStars() -> String {
        split(separator: "*", omittingEmptySubsequences: false).joined(separator: "\\x2a")
    }
}
