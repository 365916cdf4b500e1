public import Linux

/// The profiles that can be named.
public enum ProfileNames {
    /// The user's profiles, then the built-in ones, each sorted by name.
    ///
    /// - Parameters:
    ///   - context: says where both kinds are.
    ///   - list: the names of the files in a directory; none when it can't be read.
    /// - Returns: each name with its file; a name that both kinds have stands there twice.
    public static func all(
        context: ProfileContext, list: (AbsolutePath) -> [String]
    ) -> [(name: String, kind: ProfileKind, file: AbsolutePath)] {
        var found: [(name: String, kind: ProfileKind, file: AbsolutePath)] = []
        if let own = context.userProfileDirectory { found += profiles(in: own, .user, list) }
        return found + profiles(in: context.builtInDirectory, .builtIn, list)
    }

    private static func profiles(
        in directory: AbsolutePath, _ kind: ProfileKind, _ list: (AbsolutePath) -> [String]
    ) -> [(name: String, kind: ProfileKind, file: AbsolutePath)] {
        let profiles: [(name: String, kind: ProfileKind, file: AbsolutePath)] = list(directory).compactMap {
            file in
            guard file.hasSuffix(".yaml") else { return nil }
            let name = String(file.dropLast(5))
            do throws(ScalarError) {
                try ProfileReference.checkName(name)
                return (name, kind, directory.appending(file))
            } catch {
                // A file that no name leads to isn't a profile that can be named.
                return nil
            }
        }
        // Of two names of which one begins the other the shorter comes first, as it wouldn't with their endings.
        return profiles.sorted { $0.name < $1.name }
    }
}
