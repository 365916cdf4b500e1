internal import Network

/// Makes a flat list of typed settings from a tree, by the tables of the schema. Goes on after an error, so
/// that all of them are reported.
struct ProfileDecoder {
    private let kind: ProfileKind
    private let source: String
    private(set) var settings: [Setting] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// Decodes the text of a profile.
    ///
    /// - Parameters:
    ///   - bytes: the file's contents.
    ///   - kind: decides what may stand in it.
    ///   - source: the file as messages name it.
    init(_ bytes: [UInt8], kind: ProfileKind, source: String) {
        self.kind = kind
        self.source = source
        let (root, errors) = YAMLReader.read(bytes)
        for error in errors { report(error.position, error.problem, remedy: error.remedy) }
        if let root { decode(mapping: root, fields: ProfileSchema.fields, path: []) }
        diagnostics.sort { ($0.origin.line, $0.origin.column) < ($1.origin.line, $1.origin.column) }
    }

    private mutating func decode(mapping node: YAMLNode, fields: [SchemaField], path: [String]) {
        guard case .mapping(let entries) = node.content else {
            return mismatch(node, expected: "a mapping", example: "\(fields[0].name): ...", path: path)
        }
        for entry in entries {
            guard let field = fields.first(where: { $0.name == entry.key }) else {
                reportUnknown(entry, among: fields.map(\.name), path: path)
                continue
            }
            let inner = path + [field.name]
            if kind == .repository, !field.isForRepository {
                report(
                    entry.position, "a repository's file can't hold \(Self.name(inner))",
                    remedy: "remove it: such a file only narrows what the user grants")
                continue
            }
            if field.availability == .later, asksForSomething(entry.value) {
                report(
                    entry.position, "\(Self.name(inner)) is not in this version",
                    remedy: "remove it: nothing would enforce it yet")
            }
            decode(entry.value, field: field, path: inner)
        }
    }

    private mutating func decode(_ node: YAMLNode, field: SchemaField, path: [String]) {
        if case .mapping(let fields) = field.shape {
            return decode(mapping: node, fields: fields, path: path)
        }
        guard let key = field.key else { return }
        switch field.shape {
        case .list(let item):
            guard case .sequence(let nodes) = node.content else {
                return mismatch(node, expected: "a list", example: "[...], [] for none", path: path)
            }
            store(key, .list, node.position)
            let inner = path + ["[]"]
            for node in nodes {
                if let value = value(of: node, shape: item, path: inner) {
                    store(key, value, node.position)
                }
            }
        case .dictionary(let name, let kind):
            decode(dictionary: node, name: name, kind: kind, key: key, path: path)
        default:
            guard let value = value(of: node, shape: field.shape, path: path) else { return }
            if kind == .repository, key == .hide, case .flag(false) = value {
                report(
                    node.position, "a repository's file can't unhide anything",
                    remedy: "write true, or remove it")
            }
            if kind == .repository, key == .auditLevel, case .text("denied") = value {
                report(
                    node.position, "a repository's file can't lower what is recorded",
                    remedy: "write commands, or remove it")
            }
            store(key, value, node.position)
        }
    }

    private mutating func decode(
        dictionary node: YAMLNode, name: ScalarKind, kind: ScalarKind, key: ProfileKey, path: [String]
    ) {
        guard case .mapping(let entries) = node.content else {
            return mismatch(node, expected: "a mapping", example: "{NAME: VALUE}", path: path)
        }
        for entry in entries {
            let scalar = YAMLScalar(text: entry.key, escapedBytes: nil)
            guard read(scalar, as: name, at: entry.position) != nil,
                let value = value(of: entry.value, shape: .scalar(kind), path: path + [entry.key])
            else { continue }
            switch value {
            case .assignment(_, let bytes):
                store(key, .assignment(name: entry.key, value: bytes), entry.position)
            case .text(let text):
                store(key, .assignment(name: entry.key, value: Array(text.utf8)), entry.position)
            case .address(let address):
                guard let name = DomainName(entry.key) else { continue }
                store(key, .fixedHost(name, address), entry.position)
            default: break
            }
        }
    }

    /// One value, or nil after a report.
    private mutating func value(of node: YAMLNode, shape: SchemaShape, path: [String]) -> SchemaValue? {
        switch shape {
        case .scalar(let kind):
            guard case .scalar(let scalar) = node.content else {
                mismatch(node, expected: "a single value", example: "", path: path)
                return nil
            }
            return read(scalar, as: kind, at: node.position)
        case .either(let kind, let record):
            if case .mapping = node.content { return value(of: node, record: record, path: path) }
            return value(of: node, shape: .scalar(kind), path: path)
        case .record(let record):
            return value(of: node, record: record, path: path)
        case .list(let item):
            guard case .sequence(let nodes) = node.content else {
                mismatch(node, expected: "a list", example: "[...]", path: path)
                return nil
            }
            return .values(nodes.compactMap { value(of: $0, shape: item, path: path + ["[]"]) })
        case .mapping, .dictionary:
            return nil
        }
    }

    private mutating func value(of node: YAMLNode, record: SchemaRecord, path: [String]) -> SchemaValue? {
        guard case .mapping(let entries) = node.content else {
            mismatch(node, expected: "a mapping", example: "{\(record.members[0].name): ...}", path: path)
            return nil
        }
        let known = diagnostics.count
        var values: [String: SchemaValue] = [:]
        for entry in entries {
            guard let member = record.members.first(where: { $0.name == entry.key }) else {
                reportUnknown(entry, among: record.members.map(\.name), path: path)
                continue
            }
            if kind == .repository, entry.key == "create" {
                report(
                    entry.position, "a repository's file can't create directories",
                    remedy: "write the path alone")
            }
            values[entry.key] = value(of: entry.value, shape: member.shape, path: path + [entry.key])
        }
        check(entries.map(\.key), against: record, at: node.position)
        guard diagnostics.count == known else { return .record(values) }
        do throws(ScalarError) {
            try record.check(values)
        } catch {
            report(node.position, error.problem, remedy: error.remedy)
        }
        return .record(values)
    }

    private mutating func check(
        _ present: [String], against record: SchemaRecord, at position: YAMLPosition
    ) {
        for name in record.required where !present.contains(name) {
            report(position, "\(quoted(name)) is missing", remedy: "add \(name): ...")
        }
        let choices = record.oneOf.filter(present.contains)
        if !record.oneOf.isEmpty, choices.count != 1 {
            report(
                position, choices.isEmpty ? "the rule names nothing" : "the rule names two things",
                remedy: "write either \(Suggestion.alternatives(record.oneOf))")
        }
        for (first, second) in record.excluded where present.contains(first) && present.contains(second) {
            report(position, "\(quoted(second)) has no meaning beside \(quoted(first))", remedy: "remove it")
        }
    }

    private mutating func read(
        _ scalar: YAMLScalar, as kind: ScalarKind, at position: YAMLPosition
    ) -> SchemaValue? {
        do throws(ScalarError) {
            return try kind.read(scalar)
        } catch {
            report(position, error.problem, remedy: error.remedy)
            return nil
        }
    }

    private mutating func store(_ key: ProfileKey, _ value: SchemaValue, _ position: YAMLPosition) {
        settings.append(Setting(key: key, value: value, origin: origin(position)))
    }

    /// An empty list or mapping asks for nothing: it can be written already.
    private func asksForSomething(_ node: YAMLNode) -> Bool {
        switch node.content {
        case .scalar: true
        case .sequence(let nodes): !nodes.isEmpty
        case .mapping(let entries): !entries.isEmpty
        }
    }
}

extension ProfileDecoder {
    private func origin(_ position: YAMLPosition) -> Origin {
        Origin(
            authority: kind.authority, source: source, line: Int(position.line), column: Int(position.column))
    }

    /// The path of a key, as `'filesystem.read'`, or of an item of its list.
    private static func name(_ path: [String]) -> String {
        let isItem = path.last == "[]"
        let name = quoted(path.filter { $0 != "[]" }.joined(separator: "."))
        return isItem ? "an item of \(name)" : name
    }

    private mutating func report(_ position: YAMLPosition, _ problem: String, remedy: String) {
        diagnostics.append(Diagnostic(origin(position), problem, remedy: remedy))
    }

    private mutating func mismatch(_ node: YAMLNode, expected: String, example: String, path: [String]) {
        let place = path.isEmpty ? "a profile" : Self.name(path)
        let remedy = example.isEmpty ? "write one value" : "write \(example)"
        report(node.position, "\(place) is \(expected), not \(node.kind)", remedy: remedy)
    }

    private mutating func reportUnknown(_ entry: YAMLEntry, among names: [String], path: [String]) {
        let place = path.isEmpty ? "" : " in \(Self.name(path))"
        let remedy: String
        if let guess = Suggestion.nearest(to: entry.key, among: names) {
            remedy = "did you mean \(guess)?"
        } else if let home = ProfileSchema.path(ofKey: entry.key) {
            remedy = "write it as \(home)"
        } else {
            remedy = "write \(Suggestion.alternatives(names))"
        }
        report(entry.position, "unknown key \(quoted(entry.key))\(place)", remedy: remedy)
    }
}

extension ProfileSchema {
    /// Where a key belongs that stands in the wrong mapping, as `filesystem.read`.
    static func path(ofKey name: String) -> String? {
        func search(_ fields: [SchemaField], _ path: [String]) -> String? {
            for field in fields {
                if field.name == name { return (path + [name]).joined(separator: ".") }
                if case .mapping(let inner) = field.shape, let found = search(inner, path + [field.name]) {
                    return found
                }
            }
            return nil
        }
        return search(fields, [])
    }
}
