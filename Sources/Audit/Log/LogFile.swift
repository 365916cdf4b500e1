internal import Linux

/// The file of one log: made anew, and only ever made longer by whole records.
struct LogFile: ~Copyable {
    let path: AbsolutePath
    private let descriptor: FileDescriptor
    private let identity: FileStatus.Identity
    private let isSynchronized: Bool
    private let isKept: Bool
    /// The bytes of the records so far.
    private(set) var size: UInt64 = 0
    /// Whether nothing can be appended any more, because what is there isn't what was written.
    private(set) var isBroken = false

    /// Makes the file of a session in the directory of logs.
    init(
        named name: String, in directory: borrowing AuditDirectory, durability: AuditSettings.Durability
    ) throws(AuditFailure) {
        try self.init(
            directory.path.appending(name), at: directory.descriptor.number, user: directory.user, durability)
    }

    /// No file at all: what is appended is gone.
    init(discardingInto path: AbsolutePath) throws(AuditFailure) {
        let opened: FileDescriptor
        let status: FileStatus
        do throws(Errno) {
            opened = try Files.open(CString(path), [.write, .closeOnExec])
        } catch { throw .unopenable(path, error) }
        do throws(Errno) {
            status = try Files.status(of: opened.number)
        } catch { throw .unopenable(path, error) }
        descriptor = opened
        identity = status.identity
        self.path = path
        isSynchronized = false
        isKept = false
    }

    /// Makes a file at a path of the user's choice, in a directory in which nobody else can replace it.
    init(
        _ path: AbsolutePath, user: UInt32, durability: AuditSettings.Durability
    ) throws(AuditFailure) {
        guard let parent = path.parent else { throw .wrongKind(path) }
        let directory = try Self.openDirectory(parent, user)
        try self.init(path, at: directory.number, user: user, durability)
    }

    private static func openDirectory(
        _ path: AbsolutePath, _ user: UInt32
    ) throws(AuditFailure) -> FileDescriptor {
        let directory: FileDescriptor
        do throws(Errno) {
            directory = try Files.open(CString(path), [.read, .directory, .closeOnExec])
        } catch { throw .unopenable(path, error) }
        let status: FileStatus
        do throws(Errno) {
            status = try Files.status(of: directory.number)
        } catch { throw .unopenable(path, error) }
        if status.uid != user, status.uid != 0 { throw .foreign(path, owner: status.uid) }
        // In a sticky directory nobody removes or renames what is somebody else's (inode(7)).
        let isSticky = status.mode & 0o1000 != 0
        if status.mode & 0o022 != 0, !isSticky { throw .writableByOthers(path, mode: status.mode) }
        return directory
    }

    private init(
        _ path: AbsolutePath, at directory: Int32, user: UInt32, _ durability: AuditSettings.Durability
    ) throws(AuditFailure) {
        let made: FileDescriptor
        let status: FileStatus
        do throws(Errno) {
            made = try Files.open(
                CString(path.lastComponent), at: directory,
                [.write, .append, .create, .exclusive, .noFollow, .closeOnExec], mode: 0o600)
        } catch { throw error == .exists ? .exists(path) : .unopenable(path, error) }
        do throws(Errno) {
            status = try Files.status(of: made.number)
            // The name is to outlast the power as well as what is in the file.
            if durability == .power { try Files.synchronize(directory) }
        } catch { throw .unopenable(path, error) }
        if status.uid != user { throw .foreign(path, owner: status.uid) }
        // Some file systems have no modes of their own and show what they were mounted with.
        if status.mode & 0o022 != 0 { throw .writableByOthers(path, mode: status.mode) }
        self.path = path
        identity = status.identity
        isSynchronized = durability == .power
        isKept = true
        descriptor = made
    }

    /// Takes the file away again; for a log that couldn't be begun.
    func remove() {
        if isKept { try? Files.remove(CString(path)) }
    }

    /// Appends one record, or nothing: what was written of it before an error is cut off again.
    mutating func append(_ line: [UInt8]) throws(AuditFailure) {
        var rest = line[...]
        do throws(Errno) {
            while !rest.isEmpty {
                let count = try Files.write(descriptor.number, rest)
                if count == 0 { throw .noSpace }
                rest = rest.dropFirst(count)
            }
            if isSynchronized { try Files.synchronizeContent(of: descriptor.number) }
        } catch {
            if rest.count < line.count { cutBack() }
            throw .unwritable(path, error)
        }
        size += UInt64(line.count)
    }

    private mutating func cutBack() {
        do throws(Errno) {
            try Files.truncate(descriptor.number, to: size)
        } catch { isBroken = true }
    }

    /// Looks whether the file is still what its path names, and as long as it was made.
    mutating func check() throws(AuditFailure) {
        if !isKept { return }
        let found: FileStatus?
        do throws(Errno) {
            found = try Files.statusIfThere(CString(path))
        } catch {
            isBroken = true
            throw .unwritable(path, error)
        }
        guard let status = found, status.identity == identity else {
            isBroken = true
            throw .gone(path)
        }
        if status.size != size {
            isBroken = true
            throw .changed(path)
        }
    }
}
