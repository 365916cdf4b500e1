internal import Audit
internal import Linux
internal import Sandbox

extension SkeletonServer {
    /// What stat(2) tells.
    ///
    /// execve(2) of a masked file asks for nothing else: its answer, no right to execute, is the refusal.
    func attributes<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        of node: Node, _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        let always = FuseReply.Validity.always
        switch node {
        case .skeleton(let place): return .attributes(attributes(skeleton: place), validity: always)
        case .masks: return .attributes(attributesOfMasks, validity: always)
        case .mask(let number):
            if !masks[number].isDirectory, ["execve", "execveat"].contains(asking.name()) {
                noteRead(masks[number].destination, .masked, &asking, &surroundings)
            }
            return .attributes(attributes(mask: number), validity: always)
        case .phantom(let phantom):
            return .attributes(
                attributes(phantom: phantom.number, target: phantom.target),
                validity: FuseReply.Validity.moment)
        }
    }

    func readLink(_ node: Node) -> FuseReply {
        switch node {
        case .skeleton(let place):
            if case .link(let target) = tree.nodes[place].kind { return FuseReply(body: target) }
        case .phantom(let phantom):
            if let target = phantom.target { return FuseReply(body: target) }
        case .masks, .mask: break
        }
        return .failed(.invalidArgument)
    }

    /// Opening a directory of the skeleton succeeds, opening anything else fails.
    func open<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ node: Node, _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        switch node {
        case .skeleton(let place) where tree.nodes[place].kind == .directory: return .opened
        case .skeleton, .masks: break
        case .mask(let number):
            note(masks[number].destination, .other, .masked, .accessDenied, &asking, &surroundings)
        case .phantom(let phantom):
            let reason: DeniedAct.Reason = phantom.isMasked ? .masked : .outsideView
            note(phantom.path, .other, reason, .accessDenied, &asking, &surroundings)
        }
        return .failed(.accessDenied)
    }

    /// Only what lies in a mask can be asked to change, because the root is read-only; that something new was
    /// tried was told when its name was looked up.
    func change<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ node: Node, ofAttributes: Bool, _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        switch node {
        case .skeleton, .masks: return .failed(.readOnlyFileSystem)
        case .mask(let number):
            if ofAttributes {
                note(masks[number].destination, .other, .masked, .accessDenied, &asking, &surroundings)
            }
        // Told at its lookup, like everything that is named from outside.
        case .phantom: break
        }
        return .failed(.accessDenied)
    }

    func list(_ node: Node, _ offset: UInt64, _ listing: FuseListing) -> FuseReply {
        guard case .skeleton(let place) = node, tree.nodes[place].kind == .directory else {
            return .failed(.accessDenied)
        }
        var listing = listing
        let directory = tree.nodes[place]
        let parent = directory.path.parent.flatMap { tree[$0] } ?? 0
        let entries = [(".", place), ("..", parent)]
        let count = UInt64(entries.count + directory.children.count)
        var next = min(offset, count)
        while next < count {
            let index = Int(next)
            next += 1
            if index < entries.count {
                let entry = entries[index]
                guard
                    listing.add(
                        Array(entry.0.utf8), attributes(skeleton: entry.1), isReference: true, next: next)
                else { break }
            } else {
                let child = directory.children[index - entries.count]
                guard
                    listing.add(
                        tree.nodes[child].path.lastComponent, attributes(skeleton: child),
                        isReference: false, next: next)
                else { break }
            }
        }
        return listing.reply
    }

    /// access(2), and chdir(2), which asks for the right to search.
    ///
    /// That a mount is read-only the kernel says itself.
    func access<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ node: Node, _ mask: UInt32, _ asking: Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        let search: UInt32 = 1
        let path: AbsolutePath
        switch node {
        case .skeleton: return .done
        case .masks: return .failed(.accessDenied)
        case .mask(let number):
            path = masks[number].destination
            if masks[number].isDirectory, mask & ~search == 0 { return .done }
        case .phantom(let phantom):
            path = phantom.path
            // The kernel asks for no link.
            if mask & ~search == 0 { return .done }
        }
        if asking.isInside { surroundings.take(.looked(path)) }
        return .failed(.accessDenied)
    }
}
