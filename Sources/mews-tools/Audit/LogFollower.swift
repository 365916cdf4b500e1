internal import Audit
internal import Glibc
internal import Linux

/// Shows records of all sessions of a directory as they are written.
struct LogFollower {
    private let directory: LogDirectory
    private let filter: RecordFilter
    private var output: RecordOutput
    /// How far each session's log has been shown; always behind a newline.
    private var shown: [String: Int] = [:]

    init(_ directory: LogDirectory, _ filter: RecordFilter, _ output: RecordOutput) {
        self.directory = directory
        self.filter = filter
        self.output = output
    }

    /// Shows the last records of all sessions, by time.
    ///
    /// - Throws: `undecided` when the directory can't be listed or nobody takes the output.
    mutating func showLast(_ count: Int) throws(Outcome) {
        var found: [(time: Int64, session: String, place: Int, record: ParsedRecord)] = []
        for session in try directory.sessions(nil) {
            // A clock that was set back doesn't change the order within a session.
            var latest = Int64.min
            for (place, record) in last(count, session).enumerated() {
                latest = max(latest, record.value["time"]?.number ?? latest)
                found.append((latest, session.name, place, record))
            }
        }
        found.sort { ($0.time, $0.session, $0.place) < ($1.time, $1.session, $1.place) }
        for item in found.suffix(count) { try output.show(item.record) }
        try output.flush()
    }

    /// The last records of one session; none where the log can't be read, which `verify` tells.
    private mutating func last(_ count: Int, _ session: LogDirectory.Session) -> [ParsedRecord] {
        do throws(Errno) {
            let end = try LogFile(session.log).wholeLines()
            shown[session.name] = end
            return count > 0 ? try RecordStream.last(session.log, to: end, count: count, filter) : []
        } catch {
            return []
        }
    }

    /// Shows the last records and then what comes, until nobody takes the output any more.
    mutating func follow(from count: Int) throws(Outcome) -> Never {
        var isFirst = true
        while true {
            if let watch = try watch() {
                // Watched before it is read, so that nothing falls between.
                if isFirst { try showLast(count) } else { try showNew(nil) }
                try follow(watch)
            }
            // There is no directory yet, or no more; the next session makes it.
            isFirst = false
            usleep(200_000)
        }
    }

    private func watch() throws(Outcome) -> DirectoryWatch? {
        do throws(Errno) {
            return try DirectoryWatch(directory.path)
        } catch {
            if error == .noEntry { return nil }
            Output.complain("cannot watch \(directory.path): \(error)")
            throw .undecided
        }
    }

    /// Until the directory is gone.
    private mutating func follow(_ watch: borrowing DirectoryWatch) throws(Outcome) {
        while true {
            // An error here leaves no way to go on but to watch anew.
            guard let change = try? watch.next() else { return }
            switch change {
            case .files(let names): try showNew(names.compactMap { LogDirectory.session(of: $0) }.sorted())
            case .anything: try showNew(nil)
            case .gone: return
            }
        }
    }

    /// Shows what has come to the logs of these sessions, or of all.
    private mutating func showNew(_ sessions: [String]?) throws(Outcome) {
        var names = sessions ?? []
        if sessions == nil { names = try directory.sessions(nil).map(\.name) }
        for session in names {
            for record in new(session) { try output.show(record) }
        }
        try output.flush()
    }

    /// What has come to one log, which is little: it is asked for at each write.
    private mutating func new(_ session: String) -> [ParsedRecord] {
        var found: [ParsedRecord] = []
        do throws(Errno) {
            let log = directory.log(of: session)
            let end = try LogFile(log).wholeLines()
            let start = shown[session] ?? 0
            guard end > start else { return [] }
            var stream = try RecordStream(log, from: start, to: end)
            while let record = try stream.next() {
                if filter.takes(record.value) { found.append(record) }
            }
            shown[session] = end
        } catch {
            // Gone, or somebody else's: `verify` tells.
        }
        return found
    }
}
