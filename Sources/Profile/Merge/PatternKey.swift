internal import Linux

/// Which paths a pattern names, however it was written.
struct PatternKey: Hashable {
    /// The prefix, then for each wildcard component a NUL, which no path has, and what it is.
    let bytes: [UInt8]

    init(_ pattern: PathPattern) {
        var bytes = pattern.prefix.bytes
        for component in pattern.wildcards {
            bytes.append(0)
            switch component {
            case .glob(let glob): bytes += glob
            case .anyDepth: bytes.append(0)
            }
        }
        self.bytes = bytes
    }

    /// A literal path.
    init(_ path: AbsolutePath) {
        bytes = path.bytes
    }
}
