public import Linux

/// What the command line asks for, as it was typed.
public struct PolicyRequest: Sendable {
    /// The arguments of `-p`, from left to right; none: `workspace`.
    public var profiles: [String]
    /// What relative paths of the command line are relative to: the result of getcwd(3), which has no links
    /// in it, so that leading `..` can be taken off it.
    public var currentDirectory: AbsolutePath
    /// The values of `--read`.
    public var read: [[UInt8]]
    /// The values of `--write`.
    public var write: [[UInt8]]
    /// The values of `--deny`.
    public var deny: [[UInt8]]
    /// The values of `--allow`: `HOST` or `HOST:PORT`.
    public var allow: [String]
    /// The values of `--env`: `NAME` or `NAME=VALUE`.
    public var environment: [String]
    /// The value of `--timeout`.
    public var timeout: String?
    /// The value of `--require`.
    public var require: String?
    /// The repository's `.mews.yaml`, when there is one that applies.
    public var repositoryFile: AbsolutePath?

    /// Joins the parts.
    public init(
        profiles: [String] = [], currentDirectory: AbsolutePath, read: [[UInt8]] = [], write: [[UInt8]] = [],
        deny: [[UInt8]] = [], allow: [String] = [], environment: [String] = [], timeout: String? = nil,
        require: String? = nil,
        repositoryFile: AbsolutePath? = nil
    ) {
        self.profiles = profiles
        self.currentDirectory = currentDirectory
        self.read = read
        self.write = write
        self.deny = deny
        self.allow = allow
        self.environment = environment
        self.timeout = timeout
        self.require = require
        self.repositoryFile = repositoryFile
    }

    /// The profiles that apply when none is named.
    static let defaultProfile = "workspace"
}
