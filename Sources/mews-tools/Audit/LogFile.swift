internal import Audit
internal import Glibc
internal import Linux

/// A log or ledger that is read from its start; it may be written to meanwhile.
struct LogFile: ~Copyable {
    private let descriptor: FileDescriptor

    /// Opens it.
    ///
    /// - Throws: `Errno`; `invalidArgument` when it isn't a regular file, which could make a reader wait for ever.
    init(_ path: AbsolutePath) throws(Errno) {
        descriptor = try Self.open(path)
    }

    private static func open(_ path: AbsolutePath) throws(Errno) -> FileDescriptor {
        let opened = try Files.open(
            CString(path), [.read, .closeOnExec, .nonBlocking, .noControllingTerminal])
        guard try Files.status(of: opened.number).kind == .regular else { throw .invalidArgument }
        return opened
    }

    /// The next bytes; empty at what is the end now.
    func next() throws(Errno) -> [UInt8] {
        try Files.read(descriptor.number, atMost: LogLines.pieceSize)
    }

    /// How many bytes it has now.
    func size() throws(Errno) -> Int {
        Int(try Files.status(of: descriptor.number).size)
    }

    /// Goes on at a byte, from 0.
    func seek(to offset: Int) throws(Errno) {
        if lseek(descriptor.number, off_t(offset), SEEK_SET) < 0 { throw Errno(errno) }
    }

    /// The ledger in a file.
    ///
    /// - Returns: nil when there is no such file.
    static func ledger(_ path: AbsolutePath) throws(Errno) -> Ledger? {
        var verifier = LedgerVerifier()
        do throws(Errno) {
            let file = try LogFile(path)
            while true {
                let bytes = try file.next()
                if bytes.isEmpty { return verifier.finished() }
                verifier.append(bytes)
            }
        } catch {
            if error == .noEntry { return nil }
            throw error
        }
    }
}
