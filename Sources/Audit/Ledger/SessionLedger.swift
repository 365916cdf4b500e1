public import Linux

/// The list of all sessions of a user: what a log that is gone can't tell itself.
///
/// Sessions append to it one after the other, each under a lock, and read no more of it than its end.
public struct SessionLedger: ~Copyable {
    private let directory: AuditDirectory
    private let session: SessionIdentifier
    private let isSynchronized: Bool
    /// The number of the session; 0 before it is entered.
    public private(set) var number = 0

    private static let name = CString("ledger.jsonl")
    /// How long others are waited for, in nanoseconds: far longer than an entry takes, and short enough that
    /// nobody thinks a launch hangs.
    private static let patience: Int64 = 2_000_000_000

    /// Keeps the directory for the two entries of a session.
    public init(
        in directory: consuming AuditDirectory, for session: SessionIdentifier,
        durability: AuditSettings.Durability
    ) {
        self.directory = directory
        self.session = session
        isSynchronized = durability == .power
    }

    /// The path of the ledger.
    public var path: AbsolutePath { directory.path.appending("ledger.jsonl") }

    /// The directory, for making the log in it.
    public func withDirectory<Result: ~Copyable>(
        _ body: (borrowing AuditDirectory) throws(AuditFailure) -> Result
    ) throws(AuditFailure) -> Result {
        try body(directory)
    }

    /// Enters the session, before its command starts.
    ///
    /// - Parameters:
    ///   - start: the digits of the hash of the log's first record.
    ///   - log: where the log lies, when not beside the ledger.
    ///   - milliseconds: since 1970-01-01 UTC.
    ///   - clock: the monotonic clock, in nanoseconds, for the wait.
    /// - Throws: when the ledger can't be locked in time or written, or is damaged.
    public mutating func open(
        start: [UInt8], log: AbsolutePath?, at milliseconds: Int, clock: () -> Int64
    ) throws(AuditFailure) {
        let session = session
        number = try append(clock) { tail, cut in
            let number = (tail?.opened ?? 0) + 1
            return LedgerEntry(
                content: .open(start: start, log: log?.bytes), session: session, number: number,
                milliseconds: milliseconds, cut: cut)
        }
    }

    /// Enters how the session ended; nothing when it was never entered.
    ///
    /// - Parameters:
    ///   - cause: how.
    ///   - records: the number of records in the log.
    ///   - last: the digits of the hash of the last one.
    ///   - lost: how much happened that no record stands for.
    ///   - milliseconds: since 1970-01-01 UTC.
    ///   - clock: the monotonic clock, in nanoseconds, for the wait.
    /// - Throws: when the ledger can't be locked in time or written, or is damaged.
    public func close(
        _ cause: SessionEnd.Cause, records: Int, last: [UInt8], lost: Int, at milliseconds: Int,
        clock: () -> Int64
    ) throws(AuditFailure) {
        if number == 0 { return }
        _ = try append(clock) { _, cut in
            LedgerEntry(
                content: .close(cause, records: records, last: last, lost: lost), session: session,
                number: number, milliseconds: milliseconds, cut: cut)
        }
    }

    /// Whether a session could be entered: nothing is.
    ///
    /// - Parameter clock: the monotonic clock, in nanoseconds, for the wait.
    /// - Throws: when the ledger can't be locked in time or opened, or is damaged.
    public func check(clock: () -> Int64) throws(AuditFailure) {
        let file = try locked(clock)
        do throws(Errno) {
            let size = try Files.status(of: file.number).size
            guard try LedgerEnd(file.number, size: size).isSound else { throw .invalidArgument }
        } catch {
            throw error == .invalidArgument ? .ledgerDamaged(path) : .unopenable(path, error)
        }
    }

    private func append(
        _ clock: () -> Int64, _ entry: (LedgerTail?, Int) -> LedgerEntry
    ) throws(AuditFailure) -> Int {
        let file = try locked(clock)
        do throws(Errno) {
            let size = try Files.status(of: file.number).size
            let end = try LedgerEnd(file.number, size: size)
            guard end.isSound else { throw .invalidArgument }
            // What a power failure left behind the last line feed never was an entry.
            if end.size < size { try Files.truncate(file.number, to: end.size) }
            let entry = entry(end.tail, Int(size - end.size))
            try write(entry.line(after: end.tail), to: file.number, from: end.size)
            return entry.number
        } catch {
            throw error == .invalidArgument ? .ledgerDamaged(path) : .unwritable(path, error)
        }
    }

    private func write(_ line: [UInt8], to file: Int32, from size: UInt64) throws(Errno) {
        do throws(Errno) {
            try Files.writeAll(file, line)
            if isSynchronized { try Files.synchronize(file) }
        } catch {
            // Left as it is found when this fails too: the next one cuts it off.
            try? Files.truncate(file, to: size)
            throw error
        }
    }

    /// The ledger, locked until its descriptor is closed.
    private func locked(_ clock: () -> Int64) throws(AuditFailure) -> FileDescriptor {
        let end = clock() + Self.patience
        var pause: Int64 = 500_000
        while true {
            let file = try opened()
            do throws(Errno) {
                if try Files.tryLock(file.number), try isCurrent(file.number) { return file }
            } catch { throw .unopenable(path, error) }
            let rest = end - clock()
            if rest <= 0 { throw .ledgerBusy(path) }
            var nothing: [Poll.Entry] = []
            _ = try? Poll.wait(&nothing, nanoseconds: min(pause, rest))
            pause = min(pause * 2, 20_000_000)
        }
    }

    /// Whether the name still stands for the file: somebody may have moved it away before the lock was had.
    private func isCurrent(_ file: Int32) throws(Errno) -> Bool {
        let status = try Files.status(of: file)
        do throws(Errno) {
            return try Files.status(Self.name, at: directory.descriptor.number).identity == status.identity
        } catch {
            if error == .noEntry { return false }
            throw error
        }
    }

    private func opened() throws(AuditFailure) -> FileDescriptor {
        let file: FileDescriptor
        do throws(Errno) {
            file = try Files.open(
                Self.name, at: directory.descriptor.number,
                [.readWrite, .append, .create, .noFollow, .nonBlocking, .closeOnExec], mode: 0o600)
        } catch { throw error == .loop ? .wrongKind(path) : .unopenable(path, error) }
        let status: FileStatus
        do throws(Errno) {
            status = try Files.status(of: file.number)
            // Made just now, perhaps: its name is to outlast the power.
            if isSynchronized, status.size == 0 { try Files.synchronize(directory.descriptor.number) }
        } catch { throw .unopenable(path, error) }
        if status.kind != .regular { throw .wrongKind(path) }
        if status.uid != directory.user { throw .foreign(path, owner: status.uid) }
        if status.mode & 0o022 != 0 { throw .writableByOthers(path, mode: status.mode) }
        return file
    }
}
