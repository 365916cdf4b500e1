public import Linux

/// The decision on paths: `deny` wins, then `protect`, then the longest path among read and write.
///
/// What holds at a path depends only on the rules at it and above it. So each rule's place is decided once,
/// when the table is made, and a path has the answer of the nearest rule at or above it.
public struct AccessTable: Sendable {
    /// What a rule says of its path and everything below.
    public enum Effect: Sendable, Hashable {
        /// `read` or `write`; `.none` for the built-in floor, which no grant of a directory above covers.
        case grant(Access)
        /// `deny`, and what is reserved.
        case deny
        /// `protect`.
        case protect
    }

    /// A rule on one literal path.
    public struct Rule: Sendable {
        /// The path.
        public let path: AbsolutePath
        /// What holds there.
        public let effect: Effect
        /// The line.
        public let origin: Origin

        /// Joins the parts.
        public init(_ path: AbsolutePath, _ effect: Effect, _ origin: Origin) {
            self.path = path
            self.effect = effect
            self.origin = origin
        }
    }

    /// What holds at one path that rules name, together with all rules above it.
    private struct Place: Sendable {
        let path: AbsolutePath
        /// The nearest place above.
        let parent: Int?
        var deny: Origin?
        var protect: Origin?
        var grant: (access: Access, origin: Origin)?

        var decision: Decision {
            if let deny { return Decision(.denied, deny) }
            guard let grant, grant.access != .none else { return Decision(.none, grant?.origin) }
            if let protect { return Decision(.protected, protect) }
            return Decision(grant.access == .write ? .write : .read, grant.origin)
        }
    }

    /// In tree order: a directory stands directly before everything below it.
    private var places: [Place] = []

    /// Makes a table; rules may come in any order.
    public init(_ rules: some Sequence<Rule>) {
        // Authorities in order, so that within one the wider grant of a path wins and a later one narrows.
        let sorted = rules.sorted {
            $0.path == $1.path ? $0.origin.authority < $1.origin.authority : $0.path < $1.path
        }
        var open: [Int] = []
        var start = 0
        while start < sorted.count {
            let path = sorted[start].path
            let end = sorted[start...].firstIndex { $0.path != path } ?? sorted.count
            while let last = open.last, !places[last].path.contains(path) { open.removeLast() }
            let above = open.last.map { places[$0] }
            var place = Place(
                path: path, parent: open.last, deny: above?.deny, protect: above?.protect, grant: above?.grant
            )
            Self.apply(sorted[start..<end], to: &place)
            open.append(places.count)
            places.append(place)
            start = end
        }
    }

    /// What holds at a path. Takes time logarithmic in the number of rules.
    public func decide(_ path: AbsolutePath) -> Decision {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle].path <= path { low = middle + 1 } else { high = middle }
        }
        // The place before it in tree order is at, above or beside it; one above both is on the way up.
        var candidate = low > 0 ? low - 1 : nil
        while let index = candidate {
            if places[index].path.contains(path) { return places[index].decision }
            candidate = places[index].parent
        }
        return Decision(.none, nil)
    }

    private static func apply(_ rules: ArraySlice<Rule>, to place: inout Place) {
        var own: (access: Access, origin: Origin)?
        for rule in rules {
            switch rule.effect {
            case .deny: place.deny = place.deny ?? rule.origin
            case .protect: place.protect = place.protect ?? rule.origin
            case .grant(let access):
                guard let present = own else {
                    own = (access, rule.origin)
                    continue
                }
                let isSameAuthority = present.origin.authority == rule.origin.authority
                let replaces = isSameAuthority ? access > present.access : access < present.access
                if replaces { own = (access, rule.origin) }
            }
        }
        if let own { place.grant = own }
    }
}
