public import Linux

/// A repository's configuration of which the session sees a copy without its credentials.
public struct MaskedConfiguration: Sendable {
    /// Where it lies.
    public let path: AbsolutePath
    /// What the copy hasn't, by its names in the configuration.
    public let found: [String]
    /// The copy.
    let content: [UInt8]

    private static let mostBytes = 1 << 20

    /// Looks for credentials in a file; nil when it has none, and when it can't be read as a configuration: git
    /// refuses to work with such a one.
    ///
    /// - Parameters:
    ///   - path: the file, by a path without links.
    ///   - home: what `~/` in it means.
    init?(_ path: AbsolutePath, home: AbsolutePath?) {
        guard let parent = path.parent, let directory = GitDirectory(parent),
            let bytes = directory.content(of: Array(path.lastComponent), limit: Self.mostBytes)?.bytes,
            let configuration = try? GitConfiguration(bytes)
        else { return nil }
        let credentials = GitCredentials(configuration) { Self.included($0, beside: parent, home) }
        guard !credentials.found.isEmpty else { return nil }
        self.path = path
        found = credentials.found
        content = credentials.masked
    }

    /// git-config(1), "Includes": absolute, below the home, or beside the file that names it.
    private static func included(
        _ path: [UInt8], beside directory: AbsolutePath, _ home: AbsolutePath?
    ) -> [UInt8]? {
        let place: AbsolutePath?
        if path.starts(with: "~/".utf8) {
            place = home?.appending(relative: path.dropFirst(2))
        } else {
            place = AbsolutePath(path) ?? directory.appending(relative: path)
        }
        guard let place, let parent = place.parent, let directory = GitDirectory(parent) else { return nil }
        return directory.content(of: Array(place.lastComponent), limit: mostBytes)?.bytes
    }
}
