internal import Linux
internal import Network

/// Records of what was asked of the network.
extension RecordEncoder {
    /// network.allowed, network.denied or dns.denied.
    func network(_ activity: NetworkActivity, _ fold: Fold?, at now: Moment, _ writer: inout CanonicalWriter)
    {
        let event = activity.event
        let kind = Self.kind(of: event.kind)
        self.activity(kind, &writer)
        actor(activity.process, &writer)
        classification(kind, &writer)
        connection(event, &writer)
        if let fold { writer.number("count", fold.count) }
        writer.fragment(device)
        disposition(kind, &writer)
        destination(event, &writer)
        let traffic = fold?.traffic ?? RecordedAct.network(activity).traffic
        let isOver = event.kind == .closed || event.kind == .failed
        if isOver { writer.number("duration", Self.number(traffic.milliseconds)) }
        if let fold { writer.number("end_time", fold.last) }
        writer.text("message", activity.message)
        metadata(activity.code, kind, &writer)
        if event.kind == .nameDenied { query(event, &writer) }
        writer.number("severity_id", kind.severity)
        endpoint("src_endpoint", event.client, &writer)
        if let fold { writer.number("start_time", fold.first) }
        if event.errno > 0 { statusCode(Errno(event.errno), &writer) }
        writer.number("status_id", kind.status)
        writer.number("time", fold?.last ?? now.milliseconds)
        if event.kind == .closed { self.traffic(traffic, &writer) }
        writer.number("type_uid", kind.number * 100 + kind.activity)
        unmapped(now, &writer) { place, writer in details(activity, place, &writer) }
    }

    /// A number that every reader of JSON keeps.
    static func number(_ value: UInt64) -> Int { Int(min(value, 1 << 53)) }

    private static func kind(of event: NetworkActivity.Kind) -> RecordClass {
        switch event {
        case .allowed:
            RecordClass(4001, activity: 1, severity: 1, status: 1, verdict: 1, profiles: .both)
        case .closed:
            RecordClass(4001, activity: 2, severity: 1, status: 1, verdict: 1, profiles: .both)
        case .failed:
            RecordClass(4001, activity: 4, severity: 1, status: 2, verdict: 1, profiles: .both)
        case .denied:
            RecordClass(4001, activity: 5, severity: 3, status: 2, verdict: 2, profiles: .both)
        case .nameDenied:
            RecordClass(4003, activity: 1, severity: 2, status: 2, verdict: 2, profiles: .both)
        }
    }

    private func connection(_ event: NetworkEvent, _ writer: inout CanonicalWriter) {
        writer.object("connection_info") { writer in
            writer.number("direction_id", 2)
            writer.literal("protocol_name", event.isDatagram ? "udp" : "tcp")
            writer.number("protocol_num", event.isDatagram ? 17 : 6)
            writer.number("protocol_ver_id", event.destination.address.version4 == nil ? 6 : 4)
        }
    }

    /// Who was asked for: the name, and the address where one was dialled or is all that there is.
    private func destination(_ event: NetworkEvent, _ writer: inout CanonicalWriter) {
        if event.kind == .nameDenied { return endpoint("dst_endpoint", event.destination, &writer) }
        let literal = IPAddress(String(decoding: event.host, as: UTF8.self))
        let isName = !event.host.isEmpty && literal == nil
        writer.object("dst_endpoint") { writer in
            if isName { writer.text("hostname", event.host) }
            if let address = event.address ?? literal ?? (isName ? nil : event.destination.address) {
                writer.text("ip", address.description)
            }
            writer.number("port", Int(event.port))
        }
    }

    private func endpoint(_ name: StaticString, _ end: SocketEndpoint, _ writer: inout CanonicalWriter) {
        writer.object(name) { writer in
            writer.text("ip", end.address.description)
            writer.number("port", Int(end.port))
        }
    }

    private func query(_ event: NetworkEvent, _ writer: inout CanonicalWriter) {
        writer.object("query") { writer in
            writer.text("hostname", event.host)
            if let type = event.questionType { writer.text("type", QuestionType.name(type)) }
        }
    }

    private func traffic(_ traffic: NetworkTraffic, _ writer: inout CanonicalWriter) {
        writer.object("traffic") { writer in
            writer.number("bytes_in", Self.number(traffic.received))
            writer.number("bytes_out", Self.number(traffic.sent))
        }
    }

    private func details(
        _ activity: NetworkActivity, _ place: MemberPlace, _ writer: inout CanonicalWriter
    ) {
        let event = activity.event
        switch place {
        case .first: break
        case .afterCut:
            if event.kind != .nameDenied { writer.text("dialled", event.destination.description) }
            writer.text("door", event.door.word)
        case .afterElapsed:
            if let fix = activity.fix { writer.text("fix", fix) }
        case .afterHash:
            if let number = activity.process?.hostProcess { writer.number("host_pid", Int(number)) }
        case .last:
            if let check = event.protocolCheck { writer.text("protocol", check.word) }
            if let reason = event.reason { writer.text("reason", reason.word) }
            if let rule = activity.rule { self.rule(rule, &writer) }
            if !event.serverName.isEmpty { writer.text("server_name", event.serverName) }
        }
    }
}
