public import Linux
public import Network

/// The log of one session and its only writer.
///
/// Each record is with the kernel when `append` returns, unless it is counted instead (identical denials, and what
/// exceeds the bounds). Nothing here waits for anything but the file system.
public struct AuditLog: ~Copyable {
    var file: LogFile
    var encoder: RecordEncoder
    var folding: FoldingTable
    var budget: RateBudget
    /// What awaits an audit.gap, by the order of `LossReason.allCases`.
    var losses = [Loss](repeating: Loss(), count: LossReason.allCases.count)
    /// When a failed write is tried again, by the monotonic clock; nil while writing works.
    var retry: Int64?
    /// When the file is looked at next.
    var nextCheck: Int64 = 0

    /// What has been counted so far.
    public internal(set) var totals = AuditTotals()
    /// What all connections moved so far, also those without a record of their own.
    public private(set) var traffic = NetworkTraffic()
    /// The last failure; writing may have worked again since.
    public internal(set) var failure: AuditFailure?
    /// The digits of the hash of the first record, which the ledger holds; empty before it is written.
    public internal(set) var startHash: [UInt8] = []
    /// Where the log lies.
    public var path: AbsolutePath { file.path }
    /// How many records it has.
    public var records: Int { encoder.link.sequence }
    /// The digits of the hash of the last record; zeros before the first.
    public var lastHash: [UInt8] { encoder.link.previous }

    /// The line of the last record, without its end.
    public var lastLine: ArraySlice<UInt8> { encoder.writer.bytes.dropLast() }

    /// Makes the log of a session: `<session>.jsonl` in the directory of logs.
    ///
    /// - Throws: why there can't be one; the command then doesn't start.
    public init(
        in directory: borrowing AuditDirectory, of owner: AuditOwner, _ settings: AuditSettings
    ) throws(AuditFailure) {
        self.init(
            try LogFile(
                named: "\(owner.session).jsonl", in: directory, durability: settings.durability),
            owner, settings)
    }

    /// Makes the log of a session at a path of the user's choice (`--audit-log`), where nothing may be yet.
    public init(
        at path: AbsolutePath, of owner: AuditOwner, _ settings: AuditSettings
    ) throws(AuditFailure) {
        self.init(
            try LogFile(path, user: owner.user, durability: settings.durability), owner, settings)
    }

    /// A log that isn't kept, of a session within another one, which has nowhere to keep it: what it counts is true.
    public init(discardedBy owner: AuditOwner, _ settings: AuditSettings) throws(AuditFailure) {
        self.init(
            try LogFile(discardingInto: .root.appending("dev").appending("null")), owner, settings)
    }

    private init(_ file: consuming LogFile, _ owner: AuditOwner, _ settings: AuditSettings) {
        self.file = file
        encoder = RecordEncoder(owner, settings)
        folding = FoldingTable(settings.bounds)
        budget = RateBudget(burst: settings.bounds.burst, rate: settings.bounds.rate)
    }

    /// Writes the first record. Throws when it can't and takes the file away, because
    /// without this record there is no chain to begin.
    public mutating func start(_ event: SessionStart, at now: Moment) throws(AuditFailure) {
        encoder.start = now.monotonic
        let arguments = Redaction.recording(event.arguments, without: event.redacted)
        totals[.sessionStart].acts += 1
        do throws(AuditFailure) {
            try put(.sessionStart) { $0.sessionStart(event, arguments, at: now, &$1) }
        } catch {
            file.remove()
            throw error
        }
        startHash = lastHash
    }

    /// Writes an event that has a record of its own, as long as the log isn't as large as it may become: then
    /// programs other than the session's own command are counted only.
    public mutating func append(_ event: AuditEvent, at now: Moment) throws(AuditFailure) {
        totals[event.code].acts += 1
        try checkNowAndThen(now)
        switch event {
        case .policyLoaded(let event):
            try record(.policyLoaded, at: now) { $0.policyLoaded(event, at: now, &$1) }
        case .commandExec(let event):
            if event.parent != nil, isFull { return lose(1, .commandExec, .size, at: now) }
            let arguments = Redaction.recording(event.arguments, without: event.redacted)
            try record(.commandExec, at: now) { $0.commandExec(event, arguments, at: now, &$1) }
        case .commandExit(let event):
            if event.parent != nil, isFull { return lose(1, .commandExit, .size, at: now) }
            try record(.commandExit, at: now) { $0.commandExit(event, at: now, &$1) }
        case .limitExceeded(let event):
            try record(.limitExceeded, at: now) { $0.limitExceeded(event, at: now, &$1) }
        }
    }

    /// Counts an act for which there is no record because too many processes were running at once to watch them
    /// all.
    public mutating func appendUnwatched(_ code: EventCode, at now: Moment) throws(AuditFailure) {
        totals[code].acts += 1
        try checkNowAndThen(now)
        lose(1, code, .processes, at: now)
    }

    /// Counts acts of which the kernel only told that there were so many.
    public mutating func appendUnseen(
        _ code: EventCode, count: Int, at now: Moment
    ) throws(AuditFailure) {
        totals[code].acts += count
        try checkNowAndThen(now)
        lose(count, code, .unseen, at: now)
    }

    /// Writes a denial, or counts it: with those identical to it, or as one too many.
    public mutating func append(_ denial: Denial, at now: Moment) throws(AuditFailure) {
        try append(.denial(denial), at: now)
    }

    /// Writes what was asked of the network, or counts it likewise.
    public mutating func append(_ activity: NetworkActivity, at now: Moment) throws(AuditFailure) {
        try append(activity.event, by: activity.process, at: now) { activity }
    }

    /// The same, without having it put into words before it is known that it is written.
    ///
    /// - Parameters:
    ///   - event: what it was.
    ///   - process: who did it; nil when it couldn't be told.
    ///   - now: this moment.
    ///   - explain: puts it into words.
    /// - Throws: as with the other.
    public mutating func append(
        _ event: NetworkEvent, by process: AuditedProcess?, at now: Moment, explain: () -> NetworkActivity
    ) throws(AuditFailure) {
        if event.kind == .allowed { traffic.connections += 1 }
        if event.kind == .closed { traffic.add(NetworkTraffic(of: event)) }
        guard folding.gather(event, by: process, at: now) else {
            return try append(.network(explain()), at: now)
        }
        totals[EventCode(of: event.kind)].acts += 1
        try checkNowAndThen(now)
        try writeHeld(until: now.monotonic, at: now)
    }

    private mutating func append(_ act: RecordedAct, at now: Moment) throws(AuditFailure) {
        totals[act.code].acts += 1
        try checkNowAndThen(now)
        let isSingle = folding.admit(act, at: now)
        try writeHeld(until: now.monotonic, at: now)
        if isSingle { try write(act, nil, at: now) }
    }

    /// When `flush` has something to do next, by the monotonic clock; nil when nothing is held.
    public var nextDeadline: Int64? {
        if file.isBroken { return nil }
        var next = folding.deadline
        for loss in losses where !loss.isEmpty { next = min(next ?? .max, loss.deadline) }
        return next
    }

    /// Writes what is due, and looks whether the log is still there.
    public mutating func flush(at now: Moment) throws(AuditFailure) {
        try check(now)
        try writeHeld(until: now.monotonic, at: now)
        try writeGaps(until: now.monotonic, at: now)
    }

    /// Writes everything that is held and the last record.
    ///
    /// - Throws: why the log has no end; only with `on-failure: stop`, else `failure` tells it.
    public mutating func finish(_ end: SessionEnd, at now: Moment) throws(AuditFailure) {
        if retry != nil { retry = now.monotonic }
        try check(now)
        try writeHeld(until: .max, at: now)
        try writeGaps(until: .max, at: now)
        totals[.sessionEnd].acts += 1
        var counted = totals
        counted[.sessionEnd].records += 1
        try record(.sessionEnd, at: now) { [counted, traffic] in
            $0.sessionEnd(end, counted, traffic, at: now, &$1)
        }
    }
}
