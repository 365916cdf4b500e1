internal import Audit
internal import Glibc
internal import Linux

/// A log or ledger that is read from its start; it may be written to meanwhile.
struct LogFile: ~Copyable {
    private let descriptor: FileDescriptor

    /// Opens it, to be read from a byte on.
    ///
    /// - Throws: `Errno`; `invalidArgument` when it isn't a regular file, which could make a reader wait for ever.
    init(_ path: AbsolutePath, from offset: Int = 0) throws(Errno) {
        descriptor = try Self.open(path, offset)
    }

    private static func open(_ path: AbsolutePath, _ offset: Int) throws(Errno) -> FileDescriptor {
        let opened = try Files.open(
            CString(path), [.read, .closeOnExec, .nonBlocking, .noControllingTerminal])
        guard try Files.status(of: opened.number).kind == .regular else { throw .invalidArgument }
        if offset > 0 { try seek(opened.number, to: offset) }
        return opened
    }

    /// The next bytes; empty at what is the end now.
    func next() throws(Errno) -> [UInt8] {
        try Files.read(descriptor.number, atMost: LogLines.pieceSize)
    }

    /// How many bytes there are up to the last newline.
    func wholeLines() throws(Errno) -> Int {
        var end = Int(try Files.status(of: descriptor.number).size)
        // A log ends with a newline but where a write is under way, so mostly one byte tells.
        var span = 1
        while end > 0 {
            let start = max(0, end - span)
            try Self.seek(descriptor.number, to: start)
            let bytes = try Files.read(descriptor.number, atMost: end - start)
            if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + newline + 1 }
            // Shorter than it was: somebody cut it meanwhile.
            if bytes.count < end - start { return 0 }
            end = start
            span = 4096
        }
        return 0
    }

    private static func seek(_ descriptor: Int32, to offset: Int) throws(Errno) {
        if lseek(descriptor, off_t(offset), SEEK_SET) < 0 { throw Errno(errno) }
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
