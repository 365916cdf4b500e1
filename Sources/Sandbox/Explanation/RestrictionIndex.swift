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
    /// What can only be read.
    private let protected: List
    /// The literal paths of all of them and of the grants, in tree order.
    private let places: [AbsolutePath]
    private let patterns: [PathPattern]
    /// Places that a line names through a link, with the path that the line has.
    private let keptOut: [View.KeptOut]

    /// What is kept out of every session.
    init(_ built: BuiltInFloor) {
        self.init([List(.reserved, built.reserved), List(.floor, built.floor)], List(.protect, []), [])
    }

    init(_ files: FileSystemPolicy, keptOut: [View.KeptOut]) {
        self.init(
            [List(.deny, files.deny), List(.reserved, files.reserved), List(.floor, files.floor)],
            List(.protect, files.protect), keptOut, others: files.grants.map(\.pattern))
    }

    /// Nothing is kept out, as far as it is known.
    init() {
        self.init([], List(.protect, []), [])
    }

    private init(
        _ lists: [List], _ protected: List, _ keptOut: [View.KeptOut], others: [PathPattern] = []
    ) {
        self.lists = lists
        self.protected = protected
        self.keptOut = keptOut
        let all = (lists + [protected]).flatMap { $0.entries.map(\.pattern) } + others
        places = all.filter(\.isLiteral).map(\.prefix).sorted()
        patterns = all.filter { !$0.isLiteral }
    }

    /// The line that lets a path only be read.
    func protection(of path: AbsolutePath) -> DecidingRule? {
        guard let number = protected.nearest(to: path) else { return nil }
        let entry = protected.entries[number]
        return DecidingRule(.protect, entry.pattern.written, entry.origin)
    }

    /// Whether a rule names the path or may name something below it, so that it would be held in place.
    func names(inOrBelow path: AbsolutePath) -> Bool {
        if let next = places.first(atOrAfter: path), path.contains(next) { return true }
        return patterns.contains { pattern in
            if path.contains(pattern.prefix) { return true }
            // `**` may name anything below its prefix.
            let namesAnything = pattern.wildcards.contains { if case .anyDepth = $0 { true } else { false } }
            return namesAnything ? pattern.prefix.contains(path) : pattern.mayName(orLieBelow: path)
        }
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

extension [AbsolutePath] {
    /// In a list in tree order, the path itself or the one that comes after it.
    func first(atOrAfter path: AbsolutePath) -> AbsolutePath? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low < count ? self[low] : nil
    }
}
