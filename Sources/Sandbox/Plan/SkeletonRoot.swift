public import Linux

/// A root of the view for which the supervisor answers: a FUSE file system with nothing in it but mount points,
/// the directories on the way to them and the host's links.
public struct SkeletonRoot: Sendable {
    /// The FUSE device.
    public let device: CString
    /// Whose processes the file system answers to, as `user_id` and `group_id` of fuse(8) take it.
    public let user: CString
    /// See `user`.
    public let group: CString
    /// How many nodes the supervisor has for it.
    public let nodeCount: Int
    /// The directories whose entries are taken over in one go, with how many there are: a question for each
    /// would be a change to the supervisor and back for each. A directory stands before what lies in it.
    public let crowded: [(path: CString, count: Int)]

    /// Two questions list a directory, so below this many entries single ones are as cheap.
    private static let least = 3

    init(_ nodes: [SkeletonNode], device: AbsolutePath, for facts: HostFacts) {
        self.device = CString(device)
        user = CString("\(facts.user)")
        group = CString("\(facts.group)")
        var counts: [Int] = []
        var paths: [AbsolutePath] = []
        var position = PathIndex(capacity: nodes.count)
        var total = 0
        for node in nodes where node.isInRoot {
            total += 1
            guard let parent = node.path.parent else { continue }
            if let place = position[parent] {
                counts[place] += 1
            } else {
                position[parent] = paths.count
                paths.append(parent)
                counts.append(1)
            }
        }
        nodeCount = total
        let places = paths.indices.filter { counts[$0] >= Self.least }.sorted { paths[$0] < paths[$1] }
        crowded = places.map { place in
            // Relative to the root itself.
            let path = paths[place].bytes.dropFirst(SkeletonNode.root.bytes.count + 1)
            return (CString(path.isEmpty ? Array(".".utf8)[...] : path), counts[place])
        }
    }
}
