/// What stands in every record of a session.
public struct AuditOwner: Sendable {
    /// The session.
    public var session: SessionIdentifier
    /// The version of the program.
    public var programVersion: String
    /// The name of the user that the session runs as.
    public var userName: String
    /// That user.
    public var user: UInt32
    /// The host's name.
    public var hostName: String

    /// Joins the parts.
    public init(
        session: SessionIdentifier, programVersion: String, userName: String, user: UInt32, hostName: String
    ) {
        self.session = session
        self.programVersion = programVersion
        self.userName = userName
        self.user = user
        self.hostName = hostName
    }
}
