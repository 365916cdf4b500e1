internal import Linux

/// The ways of a record to the file, and what happens when there is none.
extension AuditLog {
    private var settings: AuditSettings { encoder.settings }

    /// Writes one record and moves the chain on.
    mutating func put(
        _ code: EventCode, _ members: (RecordEncoder, inout CanonicalWriter) -> Void
    ) throws(AuditFailure) {
        let hash = encoder.encode(members)
        try file.append(encoder.writer.bytes)
        encoder.link.sequence += 1
        encoder.link.previous = hash
        totals[code].records += 1
    }

    /// Writes a record that stands for acts, or counts them as lost and answers as the settings say.
    mutating func record(
        _ code: EventCode, _ fold: RecordEncoder.Fold? = nil, at now: Moment,
        _ members: (RecordEncoder, inout CanonicalWriter) -> Void
    ) throws(AuditFailure) {
        let fold = fold ?? RecordEncoder.Fold(count: 1, first: now.milliseconds, last: now.milliseconds)
        let problem: AuditFailure
        do throws(AuditFailure) {
            try becomeWritable(at: now)
            try put(code, members)
            return
        } catch {
            problem = error
            fail(error, at: now)
        }
        lose(fold.count, code, .write, first: fold.first, last: fold.last, at: now)
        losses[Self.place(of: .write)].errno = problem.errno ?? losses[Self.place(of: .write)].errno
        try respond(problem)
    }

    /// Tells what was lost before anything else is written again.
    private mutating func becomeWritable(at now: Moment) throws(AuditFailure) {
        if file.isBroken { throw failure ?? .gone(path) }
        guard let retry else { return }
        if now.monotonic < retry { throw failure ?? .gone(path) }
        try writeGap(.write, at: now)
        self.retry = nil
    }

    private mutating func fail(_ problem: AuditFailure, at now: Moment) {
        failure = problem
        if retry == nil || now.monotonic >= (retry ?? 0) { retry = now.monotonic + settings.bounds.retry }
    }

    private func respond(_ problem: AuditFailure) throws(AuditFailure) {
        if settings.onFailure == .stop { throw problem }
    }

    /// Whether it is as large as it may become.
    var isFull: Bool { file.size >= UInt64(settings.bounds.size) }

    /// Counts acts of this moment that get no record.
    mutating func lose(_ count: Int, _ code: EventCode, _ reason: LossReason, at now: Moment) {
        lose(count, code, reason, first: now.milliseconds, last: now.milliseconds, at: now)
    }

    /// Writes an act within the bounds.
    mutating func write(
        _ act: RecordedAct, _ fold: RecordEncoder.Fold?, at now: Moment
    ) throws(AuditFailure) {
        let isFull = isFull
        if isFull || !budget.take(at: now.monotonic) {
            let time = now.milliseconds
            lose(
                fold?.count ?? 1, act.code, isFull ? .size : .rate, first: fold?.first ?? time,
                last: fold?.last ?? time, at: now)
            return
        }
        switch act {
        case .denial(let denial):
            try record(act.code, fold, at: now) { $0.denial(denial, fold, at: now, &$1) }
        case .network(let activity):
            try record(act.code, fold, at: now) { $0.network(activity, fold, at: now, &$1) }
        }
    }

    /// Writes those identical acts whose time has come.
    mutating func writeHeld(until time: Int64, at now: Moment) throws(AuditFailure) {
        while let held = folding.next(at: time) { try write(held.act, held.fold, at: now) }
    }

    private mutating func lose(
        _ count: Int, _ code: EventCode, _ reason: LossReason, first: Int, last: Int, at now: Moment
    ) {
        let place = Self.place(of: reason)
        if losses[place].isEmpty {
            losses[place].deadline = now.monotonic + settings.bounds.window
        }
        if reason == .write, let retry { losses[place].deadline = retry }
        losses[place].add(count, code, first: first, last: last)
        totals[code].lost += count
    }

    private static func place(of reason: LossReason) -> Int {
        switch reason {
        case .rate: 0
        case .size: 1
        case .write: 2
        case .processes: 3
        case .unseen: 4
        }
    }

    /// Writes the gaps whose time has come.
    mutating func writeGaps(until time: Int64, at now: Moment) throws(AuditFailure) {
        for reason in LossReason.allCases {
            let loss = losses[Self.place(of: reason)]
            if loss.isEmpty || loss.deadline > time { continue }
            do throws(AuditFailure) {
                try becomeWritable(at: now)
                try writeGap(reason, at: now)
            } catch {
                fail(error, at: now)
                if let retry { losses[Self.place(of: .write)].deadline = retry }
                try respond(error)
                return
            }
        }
    }

    private mutating func writeGap(_ reason: LossReason, at now: Moment) throws(AuditFailure) {
        let loss = losses[Self.place(of: reason)]
        if loss.isEmpty { return }
        try put(.auditGap) { $0.gap(loss, reason, at: now, &$1) }
        totals[.auditGap].acts += 1
        losses[Self.place(of: reason)] = Loss()
    }

    /// Looks at the file, once a second at most.
    mutating func checkNowAndThen(_ now: Moment) throws(AuditFailure) {
        if now.monotonic >= nextCheck { try check(now) }
    }

    /// Looks whether the file is still there and nobody else's hand was in it.
    mutating func check(_ now: Moment) throws(AuditFailure) {
        nextCheck = now.monotonic + 1_000_000_000
        if file.isBroken { return }
        do throws(AuditFailure) {
            try file.check()
        } catch {
            fail(error, at: now)
            try respond(error)
        }
    }
}
