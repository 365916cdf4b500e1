internal import Linux

extension PathExpression {
    /// What became of a path with variables.
    enum Expansion {
        case pattern(PathPattern)
        /// A variable isn't set, so that the line names nothing.
        case unset(reason: String)
    }

    /// Puts the directories of this launch in place of the variables.
    ///
    /// - Parameters:
    ///   - context: has the directories.
    ///   - base: what a bare relative path is relative to.
    /// - Returns: the pattern, or why there is none.
    func expanded(in context: ProfileContext, relativeTo base: AbsolutePath) -> Expansion {
        let directory: AbsolutePath
        switch anchor {
        case .root: directory = .root
        case .relative: directory = base
        case .workspace: directory = context.workspace
        case .cache: directory = context.cache
        case .home:
            guard let home = context.home else { return .unset(reason: "there is no home directory") }
            directory = home
        case .base(let name):
            guard let found = context.directory(name) else {
                return .unset(reason: "\(name.rawValue) isn't set")
            }
            directory = found
        }
        // The components were checked when the expression was read, so that this can't fail.
        let prefix = literal.isEmpty ? directory : directory.appending(relative: literal) ?? directory
        return .pattern(PathPattern(prefix: prefix, wildcards: wildcards, written: written))
    }
}
