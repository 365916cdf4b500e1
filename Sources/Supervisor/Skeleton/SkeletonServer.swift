internal import Linux
internal import Sandbox

/// Answers the requests of the kernel for the skeleton: no descriptor, no clock, only bytes in and out and what
/// the surroundings tell.
struct SkeletonServer {
    /// What a number stands for.
    enum Node {
        case skeleton(Int)
        /// The directory of the masks.
        case masks
        case mask(Int)
        case phantom(PhantomTable.Phantom)
    }

    let tree: SkeletonTree
    let masks: [ViewMount]
    let settings: SkeletonSettings
    var phantoms: PhantomTable
    /// Whether somebody else than Mews's own process has asked. From then on the masks have no names.
    private(set) var isSealed = false

    init(_ view: View, _ settings: SkeletonSettings, mostPhantoms: Int = 65_536) {
        tree = SkeletonTree(view.nodes)
        masks = view.masks
        self.settings = settings
        phantoms = PhantomTable(
            first: UInt64(tree.nodes.count + view.masks.count + 2), mostNodes: mostPhantoms)
    }

    /// The answer to one request; nil when there is none to give.
    mutating func answer<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ bytes: [UInt8], _ observer: Observer, _ surroundings: inout Surroundings
    ) -> [UInt8]? {
        guard let request = FuseRequest(bytes) else { return nil }
        if request.thread > Self.ownThread { isSealed = true }
        switch request.operation {
        case .notice: return nil
        case .forget(let forgotten):
            for entry in forgotten { phantoms.forget(entry.node, entry.count) }
            return nil
        default:
            return reply(to: request, observer, &surroundings).bytes(for: request.number)
        }
    }

    /// The first thread of the sandbox, which is Mews's own: it attaches the masks and then looks at nothing any
    /// more.
    static let ownThread: Int32 = 1

    private mutating func reply<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        to request: FuseRequest, _ observer: Observer, _ surroundings: inout Surroundings
    ) -> FuseReply {
        switch request.operation {
        case .initialize(let major, let minor):
            // Since Linux 3.15, which is older than all else that is needed.
            return major == 7 && minor >= 23 ? .initialized(minor: minor) : .failed(.protocolError)
        case .statistics: return .statistics
        case .close: return .done
        case .other: return .failed(.notImplemented)
        case .malformed: return .failed(.invalidArgument)
        // Handled before; an answer would be one too many.
        case .forget, .notice: return .done
        default: break
        }
        guard let node = node(request.node) else { return .failed(.stale) }
        var asking = Asking(thread: request.thread, observer: observer)
        switch request.operation {
        case .lookUp(let name): return lookUp(name, in: node, &asking, &surroundings)
        case .attributes: return attributes(of: node, &asking, &surroundings)
        case .readLink: return readLink(node)
        case .openDirectory, .openFile: return open(node, &asking, &surroundings)
        case .list(let offset, let size, let withAttributes):
            return list(node, offset, FuseListing(size: size, withAttributes: withAttributes))
        case .change, .changeAttributes:
            return change(
                node, ofAttributes: request.operation == .changeAttributes, &asking, &surroundings)
        case .access(let mask): return access(node, mask, asking, &surroundings)
        default: return .failed(.notImplemented)
        }
    }

    // Numbers: the tree from 1 on, the directory of the masks, the masks, the phantoms.

    private var masksNumber: UInt64 { UInt64(tree.nodes.count + 1) }

    func node(_ number: UInt64) -> Node? {
        if let phantom = phantoms[number] { return .phantom(phantom) }
        guard number >= 1, number <= masksNumber + UInt64(masks.count) else { return nil }
        if number < masksNumber { return .skeleton(Int(number) - 1) }
        return number == masksNumber ? .masks : .mask(Int(number - masksNumber) - 1)
    }

    func attributes(skeleton place: Int) -> FuseAttributes {
        let node = tree.nodes[place]
        let number = UInt64(place + 1)
        switch node.kind {
        case .directory: return attributes(number, .directory, 0o755, links: node.directories + 2)
        case .file: return attributes(number, .file, 0o444)
        case .link(let target): return attributes(number, .link, 0o777, size: target.count)
        }
    }

    func attributes(mask number: Int) -> FuseAttributes {
        let place = masksNumber + UInt64(number) + 1
        // Without execution, so that execve(2) has to ask.
        return masks[number].isDirectory
            ? attributes(place, .directory, Self.walkable, links: 2) : attributes(place, .file, 0)
    }

    var attributesOfMasks: FuseAttributes { attributes(masksNumber, .directory, Self.walkable, links: 2) }

    func attributes(phantom number: UInt64, target: [UInt8]?) -> FuseAttributes {
        if let target { return attributes(number, .link, 0o777, size: target.count) }
        return attributes(number, .directory, Self.walkable, links: 2)
    }

    /// Can be walked through and not listed.
    private static let walkable: UInt32 = 0o111

    private func attributes(
        _ number: UInt64, _ kind: FuseAttributes.Kind, _ permissions: UInt32, size: Int = 0, links: UInt32 = 1
    ) -> FuseAttributes {
        FuseAttributes(
            node: number, kind: kind, permissions: permissions, size: UInt64(size), links: links,
            user: settings.user, group: settings.group, time: settings.time)
    }
}
