internal import Audit
internal import Linux
internal import Sandbox

extension SkeletonServer {
    /// The answer for a name in a directory.
    mutating func lookUp<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ name: [UInt8], in node: Node, _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        let longestName = 255
        let longestPath = 4095
        guard AbsolutePath.isComponent(name) else { return .failed(.noEntry) }
        guard name.count <= longestName else { return .failed(.nameTooLong) }
        let directory: AbsolutePath
        var isMasked = false
        switch node {
        case .masks: return lookUpMask(name, asking.thread)
        case .skeleton(let place):
            directory = tree.nodes[place].path
            if let found = tree[directory.appending(name)] {
                return .entry(
                    attributes(skeleton: found), validity: FuseReply.Validity.always,
                    attributeValidity: FuseReply.Validity.always)
            }
            if directory.isRoot, name == SkeletonMasks.directory, isOwn(asking.thread) {
                // Asked for again each time, so that the name is gone as soon as somebody else asks.
                return .entry(
                    attributesOfMasks, validity: FuseReply.Validity.none,
                    attributeValidity: FuseReply.Validity.always)
            }
        case .mask(let number):
            directory = masks[number].destination
            isMasked = true
        case .phantom(let phantom):
            directory = phantom.path
            isMasked = phantom.isMasked
        }
        guard directory.bytes.count + name.count < longestPath else { return .failed(.nameTooLong) }
        return judge(directory.appending(name), isMasked: isMasked, &asking, &surroundings)
    }

    private func isOwn(_ thread: Int32) -> Bool { thread == Self.ownThread && !isSealed }

    private func lookUpMask(_ name: [UInt8], _ thread: Int32) -> FuseReply {
        guard isOwn(thread), let number = SkeletonMasks.number(name, count: masks.count) else {
            return .failed(.noEntry)
        }
        return .entry(
            attributes(mask: number), validity: FuseReply.Validity.always,
            attributeValidity: FuseReply.Validity.always)
    }

    /// What lies outside the view: walked through, refused, or not there.
    private mutating func judge<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, isMasked: Bool, _ asking: inout Asking<Observer>,
        _ surroundings: inout Surroundings
    ) -> FuseReply {
        let reason: DeniedAct.Reason = isMasked ? .masked : .outsideView
        let answer = surroundings.hostAnswer(at: path)
        let target = PendingCall.Target(answer)
        switch answer {
        case .missing:
            noteCreation(path, reason, &asking, &surroundings)
            return .absent
        case .found(let status) where status.isDirectory:
            return walk(path, target: nil, isMasked: isMasked, reason, &asking, &surroundings)
        case .link(let target):
            return walk(path, target: target, isMasked: isMasked, reason, &asking, &surroundings)
        case .found, .unreadable: return refuse(path, target, reason, &asking, &surroundings)
        case .notProbed: return refuse(path, target, .notProbed, &asking, &surroundings)
        }
    }

    /// A directory or link of the host can be walked through, and is hidden where everything is.
    private mutating func walk<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, target: [UInt8]?, isMasked: Bool, _ reason: DeniedAct.Reason,
        _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        let kind: PendingCall.Target = target == nil ? .other : .unknown
        if settings.hides { return hide(path, kind, reason, &asking, &surroundings) }
        noteChange(path, reason, &asking, &surroundings)
        guard let number = phantoms.number(at: path, target: target, isMasked: isMasked) else {
            return refuse(path, kind, reason, &asking, &surroundings)
        }
        return .entry(
            attributes(phantom: number, target: target), validity: FuseReply.Validity.moment,
            attributeValidity: FuseReply.Validity.moment)
    }

    /// Here the walk ends, wherever the path would have gone on to.
    ///
    /// At the lookup and not at the open, because the second wall refuses an open before it comes here.
    private mutating func refuse<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, _ target: PendingCall.Target, _ reason: DeniedAct.Reason,
        _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        if settings.hides { return hide(path, target, reason, &asking, &surroundings) }
        note(path, target, reason, .accessDenied, &asking, &surroundings)
        return .failed(.accessDenied)
    }

    /// The walk ends at the first name outside the view, so what the path leads to is taken from the caller's
    /// own argument; when nothing is there, nothing was denied.
    ///
    /// Not remembered by the kernel, which would keep the next path through the same name from coming here.
    private mutating func hide<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, _ target: PendingCall.Target, _ reason: DeniedAct.Reason,
        _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) -> FuseReply {
        guard asking.isInside else { return .failed(.noEntry) }
        guard let whole = asking.paths().first(where: { path.contains($0) }) else {
            // The caller's words name something else, through a link or in memory that isn't read.
            note(path, .unknown, reason, .noEntry, &asking, &surroundings)
            return .failed(.noEntry)
        }
        if whole == path {
            note(path, target, reason, .noEntry, &asking, &surroundings)
            return .failed(.noEntry)
        }
        let answer = surroundings.hostAnswer(at: whole)
        switch answer {
        case .missing: noteCreation(whole, reason, &asking, &surroundings)
        case .notProbed: note(whole, .unknown, .notProbed, .noEntry, &asking, &surroundings)
        case .found, .link, .unreadable:
            note(whole, PendingCall.Target(answer), reason, .noEntry, &asking, &surroundings)
        }
        return .failed(.noEntry)
    }
}
