public import Linux

/// Makes the effective policy of a launch from profiles, options and the repository's file.
///
/// Pure except for the two closures: reading a file, with the checks of its owner, size and kind, is the
/// caller's business.
public struct PolicyBuilder {
    /// Reads a profile; nil when there is no such file.
    public typealias Reader = (AbsolutePath, ProfileKind) throws(Diagnostic) -> [UInt8]?
    /// The names of the files in a directory, for the message about an unknown profile.
    public typealias Lister = (AbsolutePath) -> [String]

    private let context: ProfileContext
    private let read: Reader
    private let list: Lister

    /// Takes the facts of the launch and the ways to files.
    public init(
        context: ProfileContext, read: @escaping Reader, list: @escaping Lister = { _ in [] }
    ) {
        self.context = context
        self.read = read
        self.list = list
    }

    /// The policy of a launch.
    ///
    /// - Throws: everything that is wrong with any of the files and options.
    public func policy(for request: PolicyRequest) throws(ProfileError) -> Policy {
        var loader = LayerLoader(context: context, read: read, list: list)
        let arguments = request.profiles.isEmpty ? [PolicyRequest.defaultProfile] : request.profiles
        var name = ""
        for argument in arguments {
            if !name.isEmpty { name += "+" }
            name += loader.load(argument: argument, from: request.currentDirectory)
        }
        let repository = request.repositoryFile.flatMap { loader.load(repositoryFile: $0) }
        let options = OptionLayer(request)
        let diagnostics = loader.diagnostics + options.diagnostics
        guard diagnostics.isEmpty else { throw ProfileError(diagnostics) }

        var merger = PolicyMerger(context: context, name: name)
        for layer in loader.layers { merger.apply(layer) }
        merger.apply(options, from: request.currentDirectory)
        merger.finishUserGrants()
        if let repository { merger.narrow(by: repository) }
        return try merger.finished()
    }

    /// Everything that is wrong with one profile by itself, without what it extends.
    ///
    /// - Parameters:
    ///   - bytes: the file's contents.
    ///   - kind: decides what may stand in it.
    ///   - source: the file as messages name it.
    /// - Returns: the diagnostics in the order of the file; none when it is sound.
    public static func check(_ bytes: [UInt8], kind: ProfileKind, source: String) -> [Diagnostic] {
        ProfileDecoder(bytes, kind: kind, source: source).diagnostics
    }

    /// What the profile says of itself in `description`; nil when it says nothing or can't be read.
    public static func description(of bytes: [UInt8]) -> String? {
        for setting in ProfileDecoder(bytes, kind: .builtIn, source: "").settings {
            if case (.description, .text(let text)) = (setting.key, setting.value) { return text }
        }
        return nil
    }
}
