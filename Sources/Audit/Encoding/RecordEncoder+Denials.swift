internal import Linux

/// Records of what was denied.
extension RecordEncoder {
    /// How many acts a record stands for, when it isn't one.
    struct Fold {
        /// The number of acts.
        var count: Int
        /// When the first and the last happened, in ms since 1970-01-01 UTC.
        var first: Int
        var last: Int
        /// What they moved together.
        var traffic = NetworkTraffic()
    }

    /// A denial of file.denied, socket.denied or syscall.denied.
    func denial(_ denial: Denial, _ fold: Fold?, at now: Moment, _ writer: inout CanonicalWriter) {
        let kind = Self.kind(of: denial)
        activity(kind, &writer)
        actor(denial.process, &writer)
        classification(kind, &writer)
        if let fold { writer.number("count", fold.count) }
        writer.fragment(device)
        disposition(kind, &writer)
        if let fold { writer.number("end_time", fold.last) }
        subject(denial, &writer)
        writer.text("message", denial.message)
        metadata(denial.code, kind, &writer)
        writer.number("severity_id", kind.severity)
        if let fold { writer.number("start_time", fold.first) }
        if let errno = denial.errno { statusCode(errno, &writer) }
        writer.number("status_id", kind.status)
        time(fold?.last ?? now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in details(denial, place, &writer) }
    }

    private static func kind(of denial: Denial) -> RecordClass {
        switch denial.subject {
        case .file(let activity, _, _, _):
            RecordClass(
                1001, activity: activity.rawValue, severity: denial.reason == .masked ? 3 : 2, status: 2,
                verdict: 2, profiles: .securityControl)
        case .socketPath:
            RecordClass(1001, activity: 14, severity: 3, status: 2, verdict: 2, profiles: .securityControl)
        case .socket:
            RecordClass(1003, activity: 4, severity: 3, status: 2, verdict: 2, profiles: .securityControl)
        case .call:
            RecordClass(1003, activity: 4, severity: 2, status: 2, verdict: 2, profiles: .securityControl)
        }
    }

    private func subject(_ denial: Denial, _ writer: inout CanonicalWriter) {
        switch denial.subject {
        case .file(_, let path, let type, let second):
            file("file", path, type: type, &writer)
            if let second { file("file_result", second, type: .unknown, &writer) }
        case .socketPath(let path):
            file("file", path, type: .socket, &writer)
        case .socket, .call:
            writer.object("kernel") { writer in
                writer.text("name", denial.call)
                writer.text("system_call", denial.call)
                writer.number("type_id", 2)
            }
        }
    }

    private func details(_ denial: Denial, _ place: MemberPlace, _ writer: inout CanonicalWriter) {
        switch place {
        case .first:
            if case .call(let arguments) = denial.subject, !arguments.isEmpty {
                writer.texts("arguments", arguments.map { Array("0x\(String($0, radix: 16))".utf8) })
            }
            if !denial.call.isEmpty { writer.text("call", denial.call) }
        case .afterCut: break
        case .afterElapsed:
            if let fix = denial.fix { writer.text("fix", fix) }
        case .afterHash:
            if let number = denial.process.hostProcess { writer.number("host_pid", Int(number)) }
        case .last:
            writer.text("reason", denial.reason.rawValue)
            rule(denial.rule, &writer)
            guard case .socket(let family, let type, let number, let name) = denial.subject else { return }
            writer.object("socket") { writer in
                writer.number("family", Int(family))
                if let name { writer.text("family_name", name) }
                writer.number("protocol", Int(number))
                writer.number("type", Int(type))
            }
        }
    }
}
