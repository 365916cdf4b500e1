public import Linux

/// The facts of the host and the launch that profiles refer to.
public struct ProfileContext: Sendable {
    /// The home directory; nil when there is none, and then what lies below `~` is skipped.
    public let home: AbsolutePath?
    /// The directory that the session works in.
    public let workspace: AbsolutePath
    /// Mews's cache directory for this workspace: `${cache}`.
    public let cache: AbsolutePath
    /// The directory of the built-in profiles.
    public let builtInDirectory: AbsolutePath
    /// What can't be granted at all, besides `$XDG_STATE_HOME/mews`, `$XDG_CONFIG_HOME/mews` and
    /// `/etc/mews`: the directories of the log and the key, when they are elsewhere.
    public let reserved: [AbsolutePath]
    // The base directories: found once, because a hundred paths begin with them.
    private let configHome: AbsolutePath?
    private let dataHome: AbsolutePath?
    private let stateHome: AbsolutePath?
    private let cacheHome: AbsolutePath?
    private let runtimeDirectory: AbsolutePath?

    /// Joins the parts.
    ///
    /// `variable` gives the value of an environment variable by its name; only the `XDG_*` ones are asked for.
    /// Relative values are ignored, as the XDG Base Directory Specification says.
    public init(
        home: AbsolutePath?, workspace: AbsolutePath, cache: AbsolutePath, variable: (String) -> [UInt8]?,
        builtInDirectory: AbsolutePath, reserved: [AbsolutePath]
    ) {
        self.home = home
        self.workspace = workspace
        self.cache = cache
        self.builtInDirectory = builtInDirectory
        self.reserved = reserved
        func directory(_ base: BaseDirectory) -> AbsolutePath? {
            if let value = variable(base.rawValue), let path = AbsolutePath(value) { return path }
            guard let home, let fallback = base.fallback else { return nil }
            return home.appending(relative: fallback.utf8)
        }
        configHome = directory(.config)
        dataHome = directory(.data)
        stateHome = directory(.state)
        cacheHome = directory(.cache)
        runtimeDirectory = directory(.runtime)
    }

    /// The directory that holds the user's own profiles; nil without a home directory.
    public var userProfileDirectory: AbsolutePath? {
        directory(.config)?.appending("mews").appending("profiles")
    }

    /// A base directory: the variable's value when it is an absolute path, else its place below home.
    func directory(_ base: BaseDirectory) -> AbsolutePath? {
        switch base {
        case .config: configHome
        case .data: dataHome
        case .state: stateHome
        case .cache: cacheHome
        case .runtime: runtimeDirectory
        }
    }
}
