extension Files {
    /// Flags of openat(2), for x86-64 and arm64 alike where used here.
    public struct Flags: OptionSet, Sendable {
        /// The kernel's bits.
        public let rawValue: Int32

        /// Wraps the kernel's bits.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// Open for reading.
        public static let read: Flags = []
        /// Open for writing.
        public static let write = Flags(rawValue: 0o1)
        /// Open for both.
        public static let readWrite = Flags(rawValue: 0o2)
        /// Create when missing.
        public static let create = Flags(rawValue: 0o100)
        /// Cut what is there to nothing (O_TRUNC).
        public static let truncate = Flags(rawValue: 0o1000)
        /// Fail when it exists.
        public static let exclusive = Flags(rawValue: 0o200)
        /// A terminal doesn't become the controlling one.
        public static let noControllingTerminal = Flags(rawValue: 0o400)
        /// Each write goes to the end of the file, wherever that is by then.
        public static let append = Flags(rawValue: 0o2000)
        /// Neither this call nor later reads and writes wait.
        public static let nonBlocking = Flags(rawValue: 0o4000)
        /// Only a directory.
        public static let directory = Flags(rawValue: Files.directoryFlag)
        /// Not through a symbolic link as the last component.
        public static let noFollow = Flags(rawValue: Files.noFollowFlag)
        /// Closed by execve(2).
        public static let closeOnExec = Flags(rawValue: 0o2000000)
        /// A handle to the place only, without opening the file.
        public static let pathOnly = Flags(rawValue: 0o10000000)
    }

    #if arch(arm64) || arch(arm)
    static let directoryFlag: Int32 = 0o40000
    static let noFollowFlag: Int32 = 0o100000
    #else
    static let directoryFlag: Int32 = 0o200000
    static let noFollowFlag: Int32 = 0o400000
    #endif
}
