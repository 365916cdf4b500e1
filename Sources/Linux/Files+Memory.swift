internal import CLinux

/// Files that have no name.
extension Files {
    /// A file in memory that nobody can change any more, to be read from its start (memfd_create(2)).
    public static func sealedMemory(_ name: CString, _ content: [UInt8]) throws(Errno) -> FileDescriptor {
        let closedOnExec: UInt32 = 1
        let allowsSealing: UInt32 = 2
        let file = FileDescriptor(
            owning: try check(unsafe mews_memfd_create(name.characters, closedOnExec | allowsSealing)))
        try writeAll(file.number, content)
        // F_ADD_SEALS with F_SEAL_SEAL, _SHRINK, _GROW and _WRITE.
        _ = try check(mews_fcntl(file.number, 1033, 0x1 | 0x2 | 0x4 | 0x8))
        try seek(file.number, to: 0)
        return file
    }
}
