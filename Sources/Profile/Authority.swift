/// Who wrote a rule. A later case can only narrow what an earlier one grants.
public enum Authority: Int, Sendable, Comparable, CaseIterable {
    /// The user: built-in and own profiles (chosen by the user) and options.
    case user
    /// The repository's `.mews.yaml`: chosen by whoever wrote the repository, so it may only narrow.
    case repository
    /// The managed policy of the host (`/etc/mews`): the ceiling.
    case managed

    /// Orders by how late the authority speaks.
    public static func < (left: Authority, right: Authority) -> Bool { left.rawValue < right.rawValue }
}
