internal import Linux

/// Paths of the command line, which begin with `./` and `../` as a shell's do.
enum RelativePath {
    /// Takes leading `.` and `..` components off a relative path.
    ///
    /// - Parameters:
    ///   - bytes: the path.
    ///   - directory: what the path is relative to, without symbolic links: only then is its parent the
    ///     directory that `..` names.
    ///   - climbs: whether `..` may stand there.
    /// - Returns: the directory that is reached and what remains below it; nil when `..` leads above the
    ///   root or isn't allowed.
    static func split(
        _ bytes: [UInt8], below directory: AbsolutePath, climbs: Bool
    ) -> (base: AbsolutePath, rest: [UInt8])? {
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        var components = bytes.split(separator: slash)[...]
        var base = directory
        while let first = components.first {
            if first.elementsEqual([dot]) {
                components.removeFirst()
            } else if first.elementsEqual([dot, dot]) {
                guard climbs, let parent = base.parent else { return nil }
                base = parent
                components.removeFirst()
            } else {
                break
            }
        }
        return (base, Array(components.joined(separator: [slash])))
    }
}
