internal import Linux
public import Profile

/// A made-up host whose only files are two texts: the user's profile and perhaps a repository's file.
public struct ModelHost {
    /// The text of the user's profile.
    public var user: [UInt8]
    /// The text of the repository's file.
    public var repository: [UInt8]?

    /// Takes the texts.
    public init(user: [UInt8], repository: [UInt8]? = nil) {
        self.user = user
        self.repository = repository
    }

    /// The facts of every launch: a home and a workspace below it, as most users have them.
    public static var context: ProfileContext {
        ProfileContext(
            home: path("/home/kim"), workspace: path("/home/kim/src/app"),
            cache: path("/home/kim/.cache/mews/0123abcd"), variable: { _ in nil },
            builtInDirectory: path("/usr/share/mews/profiles"), reserved: [path("/home/kim/log")])
    }

    /// The policy of both texts.
    public func policy() throws(ProfileError) -> Policy {
        let userFile = Self.path("/p/user.yaml")
        let repositoryFile = Self.context.workspace.appending(".mews.yaml")
        let builder = PolicyBuilder(context: Self.context) { (path, _) throws(Diagnostic) in
            if path == userFile { return user }
            return path == repositoryFile ? repository : nil
        }
        return try builder.policy(
            for: PolicyRequest(
                profiles: ["/p/user.yaml"], currentDirectory: Self.context.workspace,
                repositoryFile: repository == nil ? nil : repositoryFile))
    }

    static func path(_ text: String) -> AbsolutePath {
        guard let path = AbsolutePath(text) else { fatalError("\(text) isn't a path") }
        return path
    }
}
