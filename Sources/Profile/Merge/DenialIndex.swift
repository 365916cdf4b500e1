internal import Linux

/// Finds the denial at or above a path; by look-up for literal ones, so that many of both stay quick.
struct DenialIndex {
    private var literal: [PatternKey: Restriction] = [:]
    private var patterns: [Restriction] = []

    init(_ denials: [Restriction]) {
        for denial in denials {
            if denial.pattern.isLiteral {
                let key = PatternKey(denial.pattern)
                literal[key] = literal[key] ?? denial
            } else {
                patterns.append(denial)
            }
        }
    }

    /// The denial that names a directory above every path of the pattern, or, if there is none, the one
    /// that names exactly the same.
    func nearest(to pattern: PathPattern) -> (restriction: Restriction, isExact: Bool)? {
        guard !literal.isEmpty || !patterns.isEmpty else { return nil }
        if pattern.isLiteral {
            for directory in pattern.prefix.ancestors {
                if let found = literal[PatternKey(directory)] { return (found, false) }
            }
            let above = pattern.prefix.parent ?? pattern.prefix
            if let found = patterns.first(where: { $0.pattern.covers(above) }) { return (found, false) }
            if let found = literal[PatternKey(pattern)] { return (found, true) }
            return patterns.first { $0.pattern.matches(pattern.prefix) }.map { ($0, true) }
        }
        // What a wildcard stands for is below its prefix.
        for directory in [pattern.prefix] + pattern.prefix.ancestors {
            if let found = literal[PatternKey(directory)] { return (found, false) }
        }
        if let found = patterns.first(where: { $0.pattern.covers(pattern.prefix) }) { return (found, false) }
        let key = PatternKey(pattern)
        return patterns.first { PatternKey($0.pattern) == key }.map { ($0, true) }
    }
}
