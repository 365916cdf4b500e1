internal import Linux
internal import Sandbox

/// The nodes of the skeleton that stay: mount points, directories on the way and the host's links.
struct SkeletonTree {
    /// One of them.
    struct Node {
        let path: AbsolutePath
        let kind: SkeletonNode.Kind
        /// The places of what lies in it.
        var children: [Int] = []
        var directories: UInt32 = 0
    }

    /// The nodes; the root is the first.
    private(set) var nodes: [Node]
    private var position: PathIndex

    init(_ nodes: [SkeletonNode]) {
        self.nodes = [Node(path: .root, kind: .directory)]
        self.nodes.reserveCapacity(nodes.count + 1)
        position = PathIndex(capacity: nodes.count + 1)
        position[.root] = 0
        for node in nodes {
            guard let path = node.pathInside, !path.isRoot, let parent = path.parent,
                let above = position[parent], position.insert(path, self.nodes.count)
            else { continue }
            self.nodes[above].children.append(self.nodes.count)
            if node.kind == .directory { self.nodes[above].directories += 1 }
            self.nodes.append(Node(path: path, kind: node.kind))
        }
    }

    /// The place of the node at a path; nil when there is none.
    subscript(path: AbsolutePath) -> Int? { position[path] }
}
