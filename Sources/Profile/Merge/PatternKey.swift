internal import Linux

/// Which paths a pattern names, however it was written.
struct PatternKey: Hashable {
    let prefix: AbsolutePath
    let wildcards: [PathPattern.Component]

    init(_ pattern: PathPattern) {
        self.prefix = pattern.prefix
        self.wildcards = pattern.wildcards
    }

    /// A literal path.
    init(_ path: AbsolutePath) {
        self.prefix = path
        self.wildcards = []
    }

    /// FNV-1a over the prefix, handed on as one number: the standard hash of an array takes each byte
    /// singly, which was a tenth of the time of a launch's merging.
    func hash(into hasher: inout Hasher) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in prefix.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hasher.combine(hash)
        hasher.combine(wildcards.count)
    }
}
