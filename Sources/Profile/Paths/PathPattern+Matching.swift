public import Linux

extension PathPattern.Component {
    /// Whether the component can be this name; `**` can be any.
    ///
    /// Each `*` matches any bytes, also none. The time is at most the product of both lengths: a failed
    /// match goes back to the last `*` only, which is enough because an earlier one can't do better.
    public func matches<Name: Collection>(_ name: Name) -> Bool where Name.Element == UInt8 {
        guard case .glob(let pattern) = self else { return true }
        let star = UInt8(ascii: "*")
        var inPattern = 0
        var inName = name.startIndex
        var retry: (pattern: Int, name: Name.Index)?
        while inName < name.endIndex {
            if inPattern < pattern.count, pattern[inPattern] == star {
                inPattern += 1
                retry = (inPattern, inName)
            } else if inPattern < pattern.count, pattern[inPattern] == name[inName] {
                inPattern += 1
                inName = name.index(after: inName)
            } else if let last = retry {
                inPattern = last.pattern
                inName = name.index(after: last.name)
                retry = (last.pattern, inName)
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == star }
    }
}

extension PathPattern {
    /// Whether the path is one that the pattern names.
    public func matches(_ path: AbsolutePath) -> Bool {
        ends(in: path)?.last ?? false
    }

    /// Whether the pattern names the path or a directory above it.
    public func covers(_ path: AbsolutePath) -> Bool {
        ends(in: path)?.contains(true) ?? false
    }

    /// Whether something that the pattern names may be the path or lie below it. For patterns without `**`.
    public func mayName(orLieBelow path: AbsolutePath) -> Bool {
        guard let relative = prefix.relative(of: path) else { return false }
        let names = relative.split(separator: UInt8(ascii: "/"))
        return names.count <= wildcards.count && zip(wildcards, names).allSatisfy { $0.matches($1) }
    }

    /// For each number of components of `path` below the prefix, from 0 on: whether the pattern names the
    /// path cut there. Nil when the path lies elsewhere.
    private func ends(in path: AbsolutePath) -> [Bool]? {
        guard let relative = prefix.relative(of: path) else { return nil }
        let names = relative.split(separator: UInt8(ascii: "/"))
        var reached = [Bool](repeating: false, count: names.count + 1)
        reached[0] = true
        for component in wildcards {
            var next = [Bool](repeating: false, count: names.count + 1)
            for count in reached.indices {
                switch component {
                case .anyDepth: next[count] = reached[count] || (count > 0 && next[count - 1])
                case .glob:
                    next[count] = count > 0 && reached[count - 1] && component.matches(names[count - 1])
                }
            }
            reached = next
        }
        return reached
    }
}
