import Linux

/// The members that every record has, in groups that no other member comes between.
extension RecordEncoder {
    /// `action_id` and `activity_id`.
    func activity(_ kind: RecordClass, _ writer: inout CanonicalWriter) {
        if let verdict = kind.verdict { writer.number("action_id", verdict) }
        writer.number("activity_id", kind.activity)
    }

    /// `actor`, with a process when one acted.
    func actor(_ process: AuditedProcess?, _ writer: inout CanonicalWriter) {
        writer.object("actor") { writer in
            if let process { self.process("process", process, &writer) }
            writer.fragment(user)
        }
    }

    private func process(_ name: StaticString, _ process: AuditedProcess, _ writer: inout CanonicalWriter) {
        writer.object(name) { writer in
            if let program = process.program { file("file", program, type: .regular, &writer) }
            writer.text("name", process.name)
            writer.number("pid", Int(process.process))
        }
    }

    /// A file by its path.
    func file(_ name: StaticString, _ path: [UInt8], type: FileType, _ writer: inout CanonicalWriter) {
        writer.object(name) { writer in
            writer.text("name", Self.lastComponent(of: path))
            writer.text("path", path)
            writer.number("type_id", type.rawValue)
        }
    }

    static func lastComponent(of path: [UInt8]) -> [UInt8] {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), path.count > 1 else { return path }
        return Array(path[(slash + 1)...])
    }

    /// `category_uid` and `class_uid`.
    func classification(_ kind: RecordClass, _ writer: inout CanonicalWriter) {
        writer.number("category_uid", kind.number / 1000)
        writer.number("class_uid", kind.number)
    }

    /// `disposition_id`.
    func disposition(_ kind: RecordClass, _ writer: inout CanonicalWriter) {
        if let verdict = kind.verdict { writer.number("disposition_id", verdict) }
    }

    /// `metadata`.
    func metadata(_ code: EventCode, _ kind: RecordClass, _ writer: inout CanonicalWriter) {
        writer.object("metadata") { writer in
            writer.text("correlation_uid", owner.session.description)
            writer.literal("event_code", code.name)
            if !writer.knownCuts.isEmpty { writer.flag("is_truncated", true) }
            writer.literal("log_name", "mews.audit")
            writer.literal("log_version", "1")
            writer.fragment(product)
            if kind.profiles != .none {
                writer.name("profiles")
                switch kind.profiles {
                case .none: break
                case .host: writer.append("[\"host\"]")
                case .securityControl: writer.append("[\"security_control\"]")
                case .both: writer.append("[\"host\",\"security_control\"]")
                }
            }
            writer.number("sequence", link.sequence)
            writer.literal("version", "1.8.0")
        }
    }

    /// `status_code`: the name of an error number.
    func statusCode(_ errno: Errno, _ writer: inout CanonicalWriter) {
        writer.text("status_code", errno.name ?? "E\(errno.code)")
    }

    /// `unmapped.mews.rule`: the line that decided.
    func rule(_ rule: AuditedRule, _ writer: inout CanonicalWriter) {
        writer.object("rule") { writer in
            writer.text("origin", rule.origin)
            writer.text("text", rule.text)
        }
    }

    /// `time` and `type_uid`.
    func time(_ milliseconds: Int, _ kind: RecordClass, _ writer: inout CanonicalWriter) {
        writer.number("time", milliseconds)
        writer.number("type_uid", kind.number * 100 + kind.activity)
    }

    /// `unmapped.mews`, for whose own members there are four places: before `cut`, before `elapsed_ms`, before
    /// `hash`, between `hash` and `prev`, and behind. `members` is called for each of them.
    func unmapped(
        _ now: Moment, _ writer: inout CanonicalWriter,
        _ members: (MemberPlace, inout CanonicalWriter) -> Void
    ) {
        writer.object("unmapped") { writer in
            writer.object("mews") { writer in
                members(.first, &writer)
                cut(&writer)
                members(.afterCut, &writer)
                writer.number("elapsed_ms", Int((now.monotonic - start) / 1_000_000))
                members(.afterElapsed, &writer)
                writer.placeForHash()
                members(.afterHash, &writer)
                writer.digits("prev", link.previous)
                members(.last, &writer)
            }
        }
    }

    /// Between which of the common members of `unmapped.mews` others are written.
    enum MemberPlace {
        /// Up to `cut`.
        case first
        /// Up to `elapsed_ms`.
        case afterCut
        /// Up to `hash`.
        case afterElapsed
        /// Up to `prev`.
        case afterHash
        /// From `prev` on.
        case last
    }

    private func cut(_ writer: inout CanonicalWriter) {
        if writer.knownCuts.isEmpty { return }
        writer.object("cut") { writer in
            for cut in writer.knownCuts { writer.number(named: cut.name, cut.count) }
        }
    }
}
