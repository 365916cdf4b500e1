/// Where a profile comes from; it decides what the reader checks of the file and what may stand in it.
public enum ProfileKind: Sendable {
    /// The user's own file.
    case user
    /// One of the profiles that are installed with Mews.
    case builtIn
    /// A repository's `.mews.yaml`.
    case repository

    /// Who speaks in such a file.
    public var authority: Authority { self == .repository ? .repository : .user }
}
