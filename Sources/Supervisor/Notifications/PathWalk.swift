internal import Linux

/// Finds the place that a path of a call names, as the kernel would (path_resolution(7)), in text.
///
/// What lies at a path is asked through a closure that follows nothing; links are put in here. So nothing ever
/// goes through the sandbox's own mounts, where it could end in the skeleton that this very process serves.
struct PathWalk {
    /// Where it ended.
    struct End: Hashable {
        /// The place, without links but for the last component.
        var path: AbsolutePath
        /// What lies there.
        var answer: ViewAnswer
        /// Whether the directory that would hold it isn't there.
        var lacksParent = false
        /// Whether the path ended in `/`, which only a directory does.
        var needsDirectory = false
        /// Whether it ended in `.`, `..` or nothing but slashes: a place, but no name in a directory.
        var isNameless = false
        /// The links on the way that were followed.
        var links: [AbsolutePath] = []
    }

    /// The kernel's limits of links (MAXSYMLINKS) and of what has to be put in for them.
    static let mostLinks = 40
    private static let mostComponents = 8192

    private var place: AbsolutePath
    /// Components still to go, the next one last.
    private var rest: [ArraySlice<UInt8>] = []
    private var links: [AbsolutePath] = []
    private var needsDirectory = false
    private var isNameless = true

    private static let slash = UInt8(ascii: "/")
    private static let dot: [UInt8] = [UInt8(ascii: ".")]
    private static let dots: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: ".")]

    private init(at place: AbsolutePath) {
        self.place = place
    }

    /// Finds a place.
    ///
    /// - Parameters:
    ///   - text: the bytes of the call's argument, without NUL.
    ///   - start: where a relative path starts.
    ///   - follow: whether a link at the end is followed.
    ///   - look: what lies at a path, links not followed.
    /// - Returns: nil for an empty path, too many links, or more than the kernel takes.
    static func find(
        _ text: [UInt8], from start: AbsolutePath, follow: Bool, look: (AbsolutePath) -> ViewAnswer
    ) -> End? {
        guard !text.isEmpty, text.count < 4096, !text.contains(0) else { return nil }
        var walk = PathWalk(at: text[0] == slash ? .root : start)
        walk.push(text[...])
        walk.needsDirectory = text.last == slash
        return walk.run(follow: follow || walk.needsDirectory, look)
    }

    private mutating func push(_ text: ArraySlice<UInt8>) {
        rest += text.split(separator: Self.slash).reversed()
    }

    private mutating func run(follow: Bool, _ look: (AbsolutePath) -> ViewAnswer) -> End? {
        while true {
            guard rest.count <= Self.mostComponents else { return nil }
            dropDots()
            guard !rest.isEmpty else { return end(look(place)) }
            // As far as names go in one piece, which mostly is all of it.
            let run = rest.reversed().prefix { !Self.isDots($0) }
            let whole = run.reduce(place) { $0.appending($1) }
            let isLast = run.count == rest.count
            if whole.bytes.count < 8192 {
                let answer = look(whole)
                if answer != .throughLink {
                    rest.removeLast(run.count)
                    if let end = take(answer, at: whole, isLast: isLast, follow, look) { return end }
                    if links.count > Self.mostLinks { return nil }
                    continue
                }
            }
            // One by one, up to the link that is in the way.
            guard let component = rest.popLast() else { return nil }
            let next = place.appending(component)
            if let end = take(look(next), at: next, isLast: rest.isEmpty, follow, look) { return end }
            if links.count > Self.mostLinks { return nil }
        }
    }

    /// Goes on from what was found; the end if it is one.
    private mutating func take(
        _ answer: ViewAnswer, at next: AbsolutePath, isLast: Bool, _ follow: Bool,
        _ look: (AbsolutePath) -> ViewAnswer
    ) -> End? {
        isNameless = false
        switch answer {
        case .link(let target):
            if isLast && !follow { return End(path: next, answer: answer, links: links) }
            links.append(next)
            guard !target.isEmpty, target.count < 4096 else {
                // Like a circle: it leads nowhere.
                while links.count <= Self.mostLinks { links.append(next) }
                return nil
            }
            if isLast { needsDirectory = needsDirectory || target.last == Self.slash }
            place = target[0] == Self.slash ? .root : next.parent ?? .root
            push(target[...])
            return nil
        case .missing:
            if !isLast { return End(path: next, answer: .missing, lacksParent: true, links: links) }
            let parent = next.parent ?? .root
            // The way to it may be what is missing.
            let lacksParent = parent != place && !look(parent).exists
            return End(
                path: next, answer: .missing, lacksParent: lacksParent, needsDirectory: needsDirectory,
                links: links)
        default:
            place = next
            return isLast ? end(answer) : nil
        }
    }

    private func end(_ answer: ViewAnswer) -> End {
        End(path: place, answer: answer, needsDirectory: needsDirectory, isNameless: isNameless, links: links)
    }

    /// Takes `.` and `..` off the front. The directory is without links, so `..` is the one that holds it.
    private mutating func dropDots() {
        while let next = rest.last, Self.isDots(next) {
            rest.removeLast()
            if next.count == 2 { place = place.parent ?? .root }
            isNameless = true
        }
    }

    private static func isDots(_ component: ArraySlice<UInt8>) -> Bool {
        component.elementsEqual(dot) || component.elementsEqual(dots)
    }
}
