extension SchemaValue {
    var number: UInt64? {
        if case .number(let value) = self { value } else { nil }
    }

    var text: String? {
        if case .text(let value) = self { value } else { nil }
    }
}

extension Setting {
    var flag: Bool? {
        if case .flag(let value) = value { value } else { nil }
    }

    var number: UInt64? { value.number }

    var text: String? { value.text }

    /// Whether a line of `network.unix` says that its danger is understood.
    var isUnderstoodAsRoot: Bool {
        guard case .record(let members) = value,
            case .flag(let flag)? = members[UnixSocketGrant.understanding]
        else { return false }
        return flag
    }

    /// The access that the word is.
    var access: Access? {
        switch text {
        case "none": Access.none
        case "read": .read
        case "write": .write
        default: nil
        }
    }

    /// The level that the word is.
    var level: Level? {
        switch text {
        case "landlock": .landlock
        case "namespaces": .namespaces
        case "full": .full
        default: nil
        }
    }

    /// A path, written in short or as `{path, create: dir}`.
    var path: (expression: PathExpression, creates: Bool)? {
        switch value {
        case .path(let expression): return (expression, false)
        case .record(let members):
            guard case .path(let expression) = members["path"] else { return nil }
            return (expression, members["create"] != nil)
        default: return nil
        }
    }
}

extension Limits {
    /// The limit that a key sets; nil, and without effect, for a key that sets none.
    subscript(key: ProfileKey) -> Sourced<UInt64>? {
        get {
            switch key {
            case .time: time
            case .processes: processes
            case .openFiles: openFiles
            case .fileSize: fileSize
            default: nil
            }
        }
        set {
            switch key {
            case .time: time = newValue
            case .processes: processes = newValue
            case .openFiles: openFiles = newValue
            case .fileSize: fileSize = newValue
            default: break
            }
        }
    }
}
