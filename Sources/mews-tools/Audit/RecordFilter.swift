internal import Audit
internal import Linux

/// Which records somebody wants to see.
struct RecordFilter {
    /// Event codes, or what stands before a `.` in them; empty: all.
    var kinds: [String] = []
    /// The codes of everything that was denied.
    static let denials = [
        "file.denied", "network.denied", "dns.denied", "socket.denied", "syscall.denied",
    ]
    /// A place; records of files there or below it.
    var path: AbsolutePath?
    /// A host's name or address, perhaps with a port; records of what was asked of it, or of names below it.
    var host: String?
    /// A program's name or path.
    var program: [UInt8]?
    /// ms since 1970-01-01 UTC, both included.
    var since: Int64?
    var until: Int64?

    /// Whether the record is one of them.
    func takes(_ record: RecordValue) -> Bool {
        takesKind(record) && takesTime(record) && takesPath(record) && takesHost(record)
            && takesProgram(record)
    }

    private func takesKind(_ record: RecordValue) -> Bool {
        guard !kinds.isEmpty else { return true }
        let code = record["metadata", "event_code"]?.text ?? ""
        return kinds.contains { code == $0 || code.hasPrefix($0 + ".") }
    }

    /// A folded record is of all of its time.
    private func takesTime(_ record: RecordValue) -> Bool {
        guard since != nil || until != nil else { return true }
        guard let last = record["time"]?.number else { return false }
        let first = record["start_time"]?.number ?? last
        return last >= since ?? .min && first <= until ?? .max
    }

    private func takesPath(_ record: RecordValue) -> Bool {
        guard let path else { return true }
        return ["file", "file_result"].contains { name in
            record[name]?.bytes("path").flatMap { AbsolutePath($0) }.map(path.contains) == true
        }
    }

    private func takesHost(_ record: RecordValue) -> Bool {
        guard let host else { return true }
        let wanted = Array(host.lowercased().utf8)
        let endpoint = record["dst_endpoint"]
        let port = endpoint?["port"]?.number.map { Array(":\($0)".utf8) } ?? []
        let names = [record["query"]?.bytes("hostname"), endpoint?.bytes("hostname"), endpoint?.bytes("ip")]
        return names.compactMap { $0 }.contains { name in
            [name, name + port].contains { $0 == wanted || $0.ends(with: [UInt8(ascii: ".")] + wanted) }
                || [UInt8(ascii: "[")] + name + [UInt8(ascii: "]")] + port == wanted
        }
    }

    private func takesProgram(_ record: RecordValue) -> Bool {
        guard let program else { return true }
        let process = record["actor", "process"] ?? record["process"]
        let names = [
            process?.bytes("name"), process?["file"]?.bytes("name"), process?["file"]?.bytes("path"),
        ]
        return names.contains { $0 == program }
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
