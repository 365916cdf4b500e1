internal import Linux
internal import Profile

/// Finds what keeps a path out where nothing is mounted: a `deny`, what is reserved, or the floor.
struct RestrictionIndex: Sendable {
    /// The restrictions of one kind.
    private struct List: Sendable {
        let kind: DecidingRule.Kind
        var entries: [Restriction] = []
        var literal = PathIndex()
        /// Numbers of those with wildcards.
        var patterns: [Int] = []

        init(_ kind: DecidingRule.Kind, _ restrictions: [Restriction]) {
            self.kind = kind
            entries = restrictions
            literal = PathIndex(capacity: restrictions.count)
            for (number, restriction) in restrictions.enumerated() {
                if restriction.pattern.isLiteral {
                    _ = literal.insert(restriction.pattern.prefix, number)
                } else {
                    patterns.append(number)
                }
            }
        }

        func nearest(to path: AbsolutePath) -> Int? {
            literal[path] ?? literal.nearest(above: path)
                ?? patterns.first { entries[$0].pattern.covers(path) }
        }
    }

    /// In the order in which they win.
    private var lists: [List]
    /// Places that a line names through a link, with the path that the line has.
    private let keptOut: [View.KeptOut]

    /// Nothing is kept out, as far as it is known.
    init() {
        lists = []
        keptOut = []
    }

    init(_ built: BuiltInFloor) {
        lists = [List(.reserved, built.reserved), List(.floor, built.floor)]
        keptOut = []
    }

    init(_ files: FileSystemPolicy, keptOut: [View.KeptOut]) {
        lists = [
            List(.deny, files.deny), List(.reserved, files.reserved), List(.floor, files.floor),
        ]
        self.keptOut = keptOut
    }

    /// The rule that keeps a path out, and whether a link leads from its path to this one.
    func nearest(to path: AbsolutePath) -> (rule: DecidingRule, isThroughLink: Bool)? {
        if let found = find(path) { return (found, false) }
        for place in keptOut where place.path.contains(path) {
            if let found = find(place.named) { return (found, true) }
        }
        return nil
    }

    private func find(_ path: AbsolutePath) -> DecidingRule? {
        for list in lists {
            guard let number = list.nearest(to: path) else { continue }
            let entry = list.entries[number]
            return DecidingRule(list.kind, entry.pattern.written, entry.origin, holds: entry.reason)
        }
        return nil
    }
}
