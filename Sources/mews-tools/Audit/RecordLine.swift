internal import Audit
internal import Linux

/// A record for people: time, code, what was tried on what, by whom, which rule, and what would allow it.
struct RecordLine: CustomStringConvertible {
    private let record: RecordValue
    private let mews: RecordValue?
    private let code: String

    init(_ record: RecordValue) {
        self.record = record
        mews = record["unmapped", "mews"]
        code = record["metadata"]?.printable("event_code") ?? ""
    }

    /// One line without its end.
    ///
    /// The columns are as wide as what usually stands in them, because a log is shown as it is read.
    var description: String {
        let time = record["time"]?.number.map(LocalTime.text) ?? ""
        var line =
            "\(time)  \(code.padding(to: 15))  \(act.padding(to: 10))  \((object + times).padding(to: 40))"
        line += "  \(program.padding(to: 12))  \(rule)"
        if let fix = mews?.printable("fix"), !fix.isEmpty { line += "  fix: \(fix)" }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// What was done or tried, in a word.
    private var act: String {
        switch code {
        case "file.denied":
            switch record["activity_id"]?.number {
            case 1: return "create"
            case 3: return "write"
            case 4: return "delete"
            case 5: return "rename"
            case 6: return "attributes"
            default: return mews?["call"]?.text?.hasPrefix("exec") == true ? "execute" : "read"
            }
        case "socket.denied": return mews?.printable("call") ?? ""
        case "syscall.denied": return "call"
        case "network.allowed":
            switch record["activity_id"]?.number {
            case 1: return "connect"
            case 2: return "close"
            default: return "fail"
            }
        case "network.denied":
            return record["connection_info", "protocol_num"]?.number == 17 ? "send" : "connect"
        case "dns.denied": return "look up"
        case "session.end": return mews?.printable("ended") ?? ""
        default: return ""
        }
    }

    private var times: String {
        guard code != "audit.gap", let count = record["count"]?.number, count > 1 else {
            return ""
        }
        return " (\(count) times)"
    }

    /// On what.
    private var object: String {
        switch code {
        case "session.start":
            return arguments
        case "session.end":
            let status = mews?["status"]?.number.map { "status \($0)" } ?? ""
            return [status, mews?.printable("detail") ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
        case "policy.loaded":
            return ([record["policy"]?.printable("name") ?? ""] + notes).joined(separator: ": ")
        case "command.exec":
            return record["process"]?.printable("cmd_line") ?? ""
        case "command.exit":
            return record["exit_code"]?.number.map { "status \($0)" }
                ?? mews?["signal"]?.number.map { "signal \($0)" } ?? ""
        case "audit.gap":
            return "\(record["count"]?.number ?? 0) acts without a record: \(mews?.printable("reason") ?? "")"
        case "limit.exceeded":
            let limit = mews?["limit"]
            let numbers = [limit?["value"]?.number, limit?["threshold"]?.number].compactMap {
                $0.map(String.init)
            }
            return
                "\(limit?.printable("name") ?? "") \(numbers.joined(separator: " of ")) \(limit?.printable("unit") ?? "")"
        default:
            return place ?? record.printable("message")
        }
    }

    /// What a denial is about; nil where no member tells.
    private var place: String? {
        if let query = record["query"] {
            let type = query.printable("type")
            return query.printable("hostname") + (type.isEmpty ? "" : " \(type)")
        }
        if let file = record["file"] {
            let second = record["file_result"].map { " -> \($0.printable("path"))" } ?? ""
            return file.printable("path") + second
        }
        if let endpoint = record["dst_endpoint"] {
            return Self.name(of: endpoint) + traffic
        }
        if let socket = mews?["socket"] {
            return socket["family_name"]?.text ?? "family \(socket["family"]?.number ?? 0)"
        }
        return record["kernel"]?.printable("name")
    }

    /// What a policy.loaded in the middle of a session has to say.
    private var notes: [String] {
        guard record["metadata", "sequence"]?.number ?? 0 > 1, case .list(let items) = mews?["notes"] else {
            return []
        }
        return items.compactMap(\.text).map { PrintableText.escape(ArraySlice($0.utf8)) }
    }

    /// A host and a port, an IPv6 address in brackets.
    private static func name(of endpoint: RecordValue) -> String {
        let host = endpoint.printable(endpoint["hostname"] == nil ? "ip" : "hostname")
        let port = endpoint["port"]?.number.map { ":\($0)" } ?? ""
        return (endpoint["hostname"] == nil && host.contains(":") ? "[\(host)]" : host) + port
    }

    /// What a connection moved, and by which door it came.
    private var traffic: String {
        var words: [String] = []
        if let traffic = record["traffic"] {
            let (sent, received) = (traffic["bytes_out"]?.number ?? 0, traffic["bytes_in"]?.number ?? 0)
            words.append("\(sent) bytes out, \(received) in")
        }
        if let door = mews?.printable("door"), !door.isEmpty { words.append("by \(door)") }
        return words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
    }

    private var arguments: String {
        guard case .list(let items) = mews?["argv"] else { return "" }
        return items.compactMap(\.text).map { PrintableText.escape(ArraySlice($0.utf8)) }.joined(
            separator: " ")
    }

    private var program: String {
        guard let process = record["actor", "process"] else { return "" }
        let file = process["file"]?.printable("name") ?? ""
        return file.isEmpty ? process.printable("name") : file
    }

    private var rule: String {
        guard let rule = mews?["rule"] else { return "" }
        let (text, origin) = (rule.printable("text"), rule.printable("origin"))
        return text.isEmpty || origin.isEmpty ? text + origin : "\(text) (\(origin))"
    }
}
