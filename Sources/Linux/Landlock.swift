internal import CLinux

/// The second wall: Landlock (landlock(7)).
public enum Landlock {
    /// Rights on files (landlock_create_ruleset(2)).
    public struct Rights: OptionSet, Sendable, Hashable {
        /// The kernel's bits.
        public let rawValue: UInt64

        /// Wraps the kernel's bits.
        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// Execute a file.
        public static let execute = Rights(rawValue: 1 << 0)
        /// Open a file for writing.
        public static let writeFile = Rights(rawValue: 1 << 1)
        /// Open a file for reading.
        public static let readFile = Rights(rawValue: 1 << 2)
        /// List a directory.
        public static let readDirectory = Rights(rawValue: 1 << 3)
        /// Make a character device.
        public static let makeCharacterDevice = Rights(rawValue: 1 << 6)
        /// Make a block device.
        public static let makeBlockDevice = Rights(rawValue: 1 << 11)
        /// Truncate a file; from ABI 3.
        public static let truncate = Rights(rawValue: 1 << 14)
        /// ioctl(2) on a device; from ABI 5.
        public static let deviceControl = Rights(rawValue: 1 << 15)

        /// Read, list and execute.
        public static let read: Rights = [.execute, .readFile, .readDirectory]
        /// What can be granted on something that isn't a directory.
        public static let ofFiles: Rights = [.execute, .writeFile, .readFile, .truncate, .deviceControl]

        /// Every right that a version of the interface knows.
        public static func all(version: Int32) -> Rights {
            switch version {
            case ..<2: Rights(rawValue: (1 << 13) - 1)
            case 2: Rights(rawValue: (1 << 14) - 1)
            case 3, 4: Rights(rawValue: (1 << 15) - 1)
            default: Rights(rawValue: (1 << 16) - 1)
            }
        }
    }

    /// The version of the kernel's interface.
    ///
    /// - Throws: `notImplemented` when the kernel has none, `notSupported` when it is switched off.
    public static func version() throws(Errno) -> Int32 {
        try check(mews_landlock_abi())
    }

    /// A ruleset that refuses every right of this version until a rule allows it, and, from version 6 on,
    /// connections to abstract Unix sockets and signals to outside.
    ///
    /// TCP isn't handled: the empty network namespace is that wall, and inside it a server and its client
    /// must find each other on ports that nobody knows in advance.
    public static func makeRuleset(version: Int32) throws(Errno) -> FileDescriptor {
        let abstractSocketsAndSignals: UInt64 = 0b11
        let scopes = version >= 6 ? abstractSocketsAndSignals : 0
        return FileDescriptor(
            owning: try check(mews_landlock_create(Rights.all(version: version).rawValue, 0, scopes)))
    }

    /// Whether a version of the interface keeps signals and abstract Unix sockets in.
    public static func holdsSignals(version: Int32) -> Bool { version >= 6 }

    /// Puts this process and all that come from it into a domain of their own, from which no signal gets out. Those
    /// outside of it that are in the domain around it still reach them.
    public static func isolateSignals() throws(Errno) {
        let signals: UInt64 = 0b10
        let ruleset = FileDescriptor(owning: try check(mews_landlock_create(0, 0, signals)))
        try enforce(ruleset.number)
    }

    /// Allows rights on what a descriptor names and on everything below it.
    public static func allow(_ rights: Rights, on descriptor: Int32, in ruleset: Int32) throws(Errno) {
        _ = try check(mews_landlock_allow(ruleset, descriptor, rights.rawValue))
    }

    /// Puts this process and all that come from it under the ruleset.
    public static func enforce(_ ruleset: Int32) throws(Errno) {
        _ = try check(mews_landlock_restrict(ruleset, 0))
    }
}
