internal import Linux

extension Policy {
    /// What the policy lets a session do, as bytes that are the same for the same effect: for hashing.
    ///
    /// Lines of ASCII in a fixed order. Who wrote a rule and where, comments, the order of lists, names and
    /// tests don't matter; paths are expanded, so that another workspace or home gives another form.
    /// The workspace's own path isn't in it.
    public var canonicalForm: [UInt8] {
        var lines = ["mews.policy.v1", "require \(require.value)"]
        lines += fileSystem.canonicalLines
        lines += process.canonicalLines
        lines += audit.canonicalLines
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}

extension FileSystemPolicy {
    fileprivate var canonicalLines: [String] {
        let grantLines = grants.map { grant in
            let creation = grant.createsDirectory ? " create" : ""
            return "filesystem.\(grant.access)\(creation) \(grant.pattern.canonicalForm)"
        }
        return ["filesystem.workspace \(workspace.value)"] + Set(grantLines).sorted()
            + Self.lines("filesystem.deny", deny) + Self.lines("filesystem.protect", protect)
            + Self.lines("filesystem.floor", floor) + Self.lines("filesystem.reserved", reserved)
            + ["filesystem.hide \(hide.value)", "filesystem.tmp \(temporarySize.value)"]
    }

    private static func lines(_ name: String, _ restrictions: [Restriction]) -> [String] {
        Set(restrictions.map { "\(name) \($0.pattern.canonicalForm)" }).sorted()
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
        let literal = prefix.description.replacingStars()
        let rest = wildcards.map { component in
            switch component {
            case .glob(let bytes): "/" + PrintableText.escape(bytes)
            case .anyDepth: "/**"
            }
        }
        return literal + rest.joined()
    }
}

extension String {
    fileprivate func replacingStars() -> String {
        split(separator: "*", omittingEmptySubsequences: false).joined(separator: "\\x2a")
    }
}
