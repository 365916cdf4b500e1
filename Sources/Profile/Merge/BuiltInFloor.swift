public import Linux

/// The floor and what is reserved, without a profile: what the program itself knows of where credentials lie.
public struct BuiltInFloor: Sendable {
    /// What no grant of a directory above covers.
    public let floor: [Restriction]
    /// What can't be granted at all.
    public let reserved: [Restriction]

    /// The places of a user whose base directories are the usual ones.
    public init(home: AbsolutePath?, workspace: AbsolutePath) {
        let context = ProfileContext(
            home: home, workspace: workspace, cache: workspace, variable: { _ in nil },
            builtInDirectory: .root, reserved: [])
        floor = CredentialFloor.restrictions(in: context)
        reserved = CredentialFloor.reserved(in: context)
    }
}
