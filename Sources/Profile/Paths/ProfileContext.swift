public import Linux

/// The facts of the host and the launch that profiles refer to.
public struct ProfileContext: Sendable {
    /// The home directory; nil when there is none, and then what lies below `~` is skipped.
    public var home: AbsolutePath?
    /// The directory that the session works in.
    public var workspace: AbsolutePath
    /// Mews's cache directory for this workspace: `${cache}`.
    public var cache: AbsolutePath
    /// The values of the `XDG_*` variables that are set. Relative ones are ignored, as the XDG Base
    /// Directory Specification says.
    public var environment: [String: [UInt8]]
    /// The directory of the built-in profiles.
    public var builtInDirectory: AbsolutePath
    /// What can't be granted at all, besides `$XDG_STATE_HOME/mews`, `$XDG_CONFIG_HOME/mews` and
    /// `/etc/mews`: the directories of the log and the key, when they are elsewhere.
    public var reserved: [AbsolutePath]

    /// Joins the parts.
    public init(
        home: AbsolutePath?, workspace: AbsolutePath, cache: AbsolutePath, environment: [String: [UInt8]],
        builtInDirectory: AbsolutePath, reserved: [AbsolutePath]
    ) {
        self.home = home
        self.workspace = workspace
        self.cache = cache
        self.environment = environment
        self.builtInDirectory = builtInDirectory
        self.reserved = reserved
    }

    /// The directory that holds the user's own profiles; nil without a home directory.
    public var userProfileDirectory: AbsolutePath? {
        directory(.config)?.appending("mews").appending("profiles")
    }

    /// A base directory: the variable's value when it is an absolute path, else its place below home.
    func directory(_ base: BaseDirectory) -> AbsolutePath? {
        if let value = environment[base.rawValue], let path = AbsolutePath(value) { return path }
        guard let fallback = base.fallback else { return nil }
        return home?.appending(relative: Array(fallback.utf8))
    }
}
