internal import Network

/// What remains of the user's `network.allow` when a repository's list narrows it.
///
/// At a host and port the nearest line of each side counts, and both have to allow it; so a target stays when the
/// nearest line of the other side covers it, with the narrower of the two protocols and addresses. What the file
/// leaves out of a line is no opinion.
struct NetworkIntersection {
    /// What remains.
    private(set) var union = NetworkUnion()
    /// Targets on whose protocol the two sides contradict each other: nothing passes, which has to be said,
    /// because a wider line would decide otherwise.
    private(set) var denials: [Sourced<NetworkDenial>] = []

    init(_ user: NetworkUnion, by repository: NetworkUnion) {
        let own = TargetIndex(user.lines.map(\.target))
        let theirs = TargetIndex(repository.lines.map(\.target))
        for line in user.lines {
            let found = theirs.first(covering: line.target) { repository.lines[$0].port == line.port }
            if let found { add(line.target, line, repository.lines[found]) }
        }
        for line in repository.lines where !user.names(line.target, line.port) {
            let found = own.first(covering: line.target) { user.lines[$0].port == line.port }
            if let found { add(line.target, user.lines[found], line) }
        }
    }

    private mutating func add(_ target: NetworkRule.Target, _ own: NetworkLine, _ theirs: NetworkLine) {
        guard let check = Self.narrower(own.check, theirs.protocolCheck ?? own.check) else {
            denials.append(Sourced(NetworkDenial(target, port: own.port), theirs.origin))
            return
        }
        let allowsPrivate = own.allowsPrivate ?? false
        let isPrivate = allowsPrivate && theirs.allowsPrivate ?? true
        let isOwn = target == own.target && check == own.check && isPrivate == allowsPrivate
        union.add(
            NetworkLine(
                target: target, port: own.port,
                protocolCheck: check == own.check ? own.protocolCheck : check,
                allowsPrivate: isPrivate, origin: isOwn ? own.origin : theirs.origin))
    }

    /// The check that lets through only what both let through; nil when nothing is.
    static func narrower(
        _ left: NetworkRule.ProtocolCheck, _ right: NetworkRule.ProtocolCheck
    ) -> NetworkRule.ProtocolCheck? {
        switch (left, right) {
        case _ where left == right: left
        case (.tcp, let other), (let other, .tcp): other
        case (.auto, let other), (let other, .auto): other
        default: nil
        }
    }
}
