internal import CLinux

/// Files that have no name.
extension Files {
    /// What can be forbidden of a file in memory (fcntl(2), F_ADD_SEALS); that no more is, always is.
    struct Seals: OptionSet {
        let rawValue: Int

        static let shrinking = Seals(rawValue: 0x2)
        static let growing = Seals(rawValue: 0x4)
        static let writing = Seals(rawValue: 0x8)
    }

    /// A file in memory that nobody can change any more, to be read from its start (memfd_create(2)).
    public static func sealedMemory(_ name: CString, _ content: [UInt8]) throws(Errno) -> FileDescriptor {
        try memory(name, content, sealed: [.shrinking, .growing, .writing])
    }

    static func memory(
        _ name: CString, _ content: [UInt8], sealed seals: Seals
    ) throws(Errno) -> FileDescriptor {
        let closedOnExec: UInt32 = 1
        let allowsSealing: UInt32 = 2
        let file = FileDescriptor(
            owning: try check(unsafe mews_memfd_create(name.characters, closedOnExec | allowsSealing)))
        try writeAll(file.number, content)
        // F_ADD_SEALS, with F_SEAL_SEAL.
        _ = try check(mews_fcntl(file.number, 1033, 0x1 | seals.rawValue))
        try seek(file.number, to: 0)
        return file
    }
}
