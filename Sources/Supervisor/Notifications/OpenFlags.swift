internal import Linux

/// Flags of open(2) that decide what a call changes.
struct OpenFlags: OptionSet, Hashable {
    let rawValue: UInt32

    static let write = OpenFlags(rawValue: 0o1)
    static let readWrite = OpenFlags(rawValue: 0o2)
    static let create = OpenFlags(rawValue: 0o100)
    static let exclusive = OpenFlags(rawValue: 0o200)
    static let truncate = OpenFlags(rawValue: 0o1000)
    static let directory = OpenFlags(rawValue: UInt32(bitPattern: Files.Flags.directory.rawValue))
    static let noFollow = OpenFlags(rawValue: UInt32(bitPattern: Files.Flags.noFollow.rawValue))
    static let pathOnly = OpenFlags(rawValue: UInt32(bitPattern: Files.Flags.pathOnly.rawValue))
    /// The bit that O_TMPFILE has beside O_DIRECTORY.
    static let temporary = OpenFlags(rawValue: 0o20_000_000)

    /// Whether the file is opened for writing.
    var writes: Bool { rawValue & 0o3 != 0 }

    /// Whether a link at the end is followed.
    var followsLink: Bool { !contains(.noFollow) && !isSuperset(of: [.create, .exclusive]) }
}
