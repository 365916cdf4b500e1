internal import Linux

/// Which paths a pattern names, however it was written.
struct PatternKey: Hashable {
    let prefix: AbsolutePath
    let wildcards: [PathPattern.Component]

    init(_ pattern: PathPattern) {
        self.prefix = pattern.prefix
        self.wildcards = pattern.wildcards
    }
}
