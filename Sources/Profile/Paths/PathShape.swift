internal import Linux

/// A grant's pattern as a row of components, each literal or with `*`, for comparing two of them. Every path
/// that it names has as many components, since grants have no `**`.
struct PathShape: Hashable {
    /// One component.
    enum Component: Hashable {
        case literal([UInt8])
        case glob([UInt8])

        private static let star = UInt8(ascii: "*")

        init(_ bytes: [UInt8]) {
            self = bytes.contains(Self.star) ? .glob(bytes) : .literal(bytes)
        }

        var bytes: [UInt8] {
            switch self {
            case .literal(let bytes), .glob(let bytes): bytes
            }
        }

        private var isAny: Bool { self == .glob([Self.star]) }

        /// Whether it matches whatever the other one does; false where that can't be told.
        func covers(_ other: Component) -> Bool {
            switch (self, other) {
            case (.literal, _): self == other
            case (.glob(let pattern), .literal(let name)): PathPattern.Component.glob(pattern).matches(name)
            case (.glob, .glob): isAny || self == other
            }
        }

        /// Whether some name may match both.
        func overlaps(_ other: Component) -> Bool {
            if case (.glob, .glob) = (self, other) { return true }
            return covers(other) || other.covers(self)
        }

        /// What matches both; nil when no single component does, for two that overlap.
        func intersection(_ other: Component) -> Component? {
            if covers(other) { return other }
            return other.covers(self) ? self : nil
        }
    }

    let components: [Component]

    init(_ components: [Component]) {
        self.components = components
    }

    init(_ path: AbsolutePath) {
        components = path.components.map { .literal(Array($0)) }
    }

    init(_ pattern: PathPattern) {
        var components: [Component] = pattern.prefix.components.map { .literal(Array($0)) }
        for case .glob(let bytes) in pattern.wildcards { components.append(Component(bytes)) }
        self.components = components
    }

    var count: Int { components.count }

    /// Whether everything that the other one names is named by this one, or lies below what is.
    func covers(_ other: PathShape) -> Bool {
        count <= other.count && zip(components, other.components).allSatisfy { $0.covers($1) }
    }

    /// Whether something that one names may be, or lie above or below, something that the other one names.
    func overlaps(_ other: PathShape) -> Bool {
        zip(components, other.components).allSatisfy { $0.overlaps($1) }
    }

    /// The paths, with the length of the longer one, that both cover; nil when no pattern says that, for
    /// two that overlap.
    func intersection(_ other: PathShape) -> PathShape? {
        let longer = count > other.count ? self : other
        var common: [Component] = []
        for (own, others) in zip(components, other.components) {
            guard let both = own.intersection(others) else { return nil }
            common.append(both)
        }
        return PathShape(common + longer.components.dropFirst(common.count))
    }

    /// The pattern that this is.
    func pattern(written: String) -> PathPattern {
        var prefix = AbsolutePath.root
        var wildcards: [PathPattern.Component] = []
        for component in components {
            if wildcards.isEmpty, case .literal(let name) = component {
                prefix = prefix.appending(name)
            } else {
                wildcards.append(.glob(component.bytes))
            }
        }
        return PathPattern(prefix: prefix, wildcards: wildcards, written: written)
    }
}
