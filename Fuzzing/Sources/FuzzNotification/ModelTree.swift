internal import Linux
@testable internal import Supervisor

/// A small file system: directories everywhere on the names a to c, up to three deep, and links among them.
struct ModelTree {
    private var links: [(path: AbsolutePath, target: [UInt8])] = []

    /// Each text is a path, `>` and a target.
    init(_ texts: ArraySlice<[UInt8]>) {
        for text in texts {
            guard let cut = text.firstIndex(of: UInt8(ascii: ">")), let path = AbsolutePath(text[..<cut]),
                // Where the look-up starts there is no link: the kernel gives directories without.
                !path.isRoot, path != .root.appending("a")
            else { continue }
            links.append((path, Array(text[(cut + 1)...].filter { $0 != 0 })))
        }
    }

    func look(at path: AbsolutePath) -> ViewAnswer {
        for above in path.ancestors where target(at: above) != nil { return .throughLink }
        if let target = target(at: path) { return .link(target) }
        let known = path.components.allSatisfy { $0.count == 1 && (97...99).contains($0[$0.startIndex]) }
        return known && path.depth <= 3 ? .directory : .missing
    }

    func target(at path: AbsolutePath) -> [UInt8]? { links.first { $0.path == path }?.target }
}

/// The slow and plain way through it, one component after the other.
struct ModelWalk {
    private let tree: ModelTree

    init(_ tree: ModelTree) {
        self.tree = tree
    }

    func find(_ text: [UInt8], follows: Bool) -> AbsolutePath? {
        let slash = UInt8(ascii: "/")
        var place = text.first == slash ? AbsolutePath.root : AbsolutePath.root.appending("a")
        var rest = Array(text.split(separator: slash).map { Array($0) }.reversed())
        var links = 0
        var follows = follows || text.last == slash
        while let next = rest.popLast() {
            if next == [46] { continue }
            if next == [46, 46] {
                place = place.parent ?? .root
                continue
            }
            let candidate = place.appending(next)
            if let target = tree.target(at: candidate) {
                if rest.isEmpty, !follows { return candidate }
                links += 1
                if links > 40 || target.isEmpty { return nil }
                if rest.isEmpty { follows = true }
                if target.first == slash { place = .root }
                rest += target.split(separator: slash).map { Array($0) }.reversed()
                continue
            }
            place = candidate
            if tree.look(at: place) == .missing { return place }
        }
        return place
    }
}
