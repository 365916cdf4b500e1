internal import Linux

/// The record of what has none.
extension RecordEncoder {
    /// audit.gap.
    func gap(_ loss: Loss, _ reason: LossReason, at now: Moment, _ writer: inout CanonicalWriter) {
        let kind = RecordClass(1008, activity: 99, severity: 4, status: 2, profiles: .none)
        activity(kind, &writer)
        writer.literal("activity_name", "Gap")
        actor(nil, &writer)
        classification(kind, &writer)
        writer.number("count", loss.total)
        writer.fragment(device)
        writer.number("end_time", loss.last)
        writer.literal("log_name", "mews.audit")
        writer.text("message", reason.message(loss.total))
        metadata(.auditGap, kind, &writer)
        writer.number("severity_id", kind.severity)
        writer.number("start_time", loss.first)
        if let errno = loss.errno { writer.text("status_code", errno.name ?? "E\(errno.code)") }
        writer.number("status_id", kind.status)
        time(now.milliseconds, kind, &writer)
        unmapped(now, &writer) { place, writer in
            switch place {
            case .afterHash:
                writer.object("lost") { writer in
                    for code in EventCode.allCases where loss.counts[Int(code.rawValue)] > 0 {
                        writer.number(code.name, loss.counts[Int(code.rawValue)])
                    }
                }
            case .last: writer.text("reason", reason.rawValue)
            case .first, .afterCut, .afterElapsed: break
            }
        }
    }
}
