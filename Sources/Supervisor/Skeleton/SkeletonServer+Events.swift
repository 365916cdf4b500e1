internal import Audit
internal import Linux

extension SkeletonServer {
    /// Tells of something that exists and is refused, unless somebody else does.
    func note<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, _ target: PendingCall.Target, _ reason: DeniedAct.Reason, _ errno: Errno,
        _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) {
        guard asking.isInside else { return }
        switch asking.attempt(on: target) {
        case .look: surroundings.take(.looked(path))
        case .socket: take(.socketPath(path), reason, errno, &asking, &surroundings)
        case .file(let activity):
            // The notifications tell of every call that would change something.
            if activity != .open, settings.notificationsOn { return }
            take(.file(activity, path), reason, errno, &asking, &surroundings)
        }
    }

    /// Tells of an attempt to make something where nothing is, when nobody else does.
    ///
    /// The kernel goes on to refuse it by itself, with another word: the root can't be written.
    func noteCreation<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, _ reason: DeniedAct.Reason, _ asking: inout Asking<Observer>,
        _ surroundings: inout Surroundings
    ) {
        guard !settings.notificationsOn, asking.isInside else { return }
        guard case .file(let activity) = asking.attempt(on: .missing),
            activity == .create || activity == .rename, asking.paths().contains(path)
        else { return }
        take(.file(activity, path), reason, nil, &asking, &surroundings)
    }

    /// Tells of an attempt to change a directory or link itself, when nobody else does.
    func noteChange<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, _ reason: DeniedAct.Reason, _ asking: inout Asking<Observer>,
        _ surroundings: inout Surroundings
    ) {
        guard !settings.notificationsOn, asking.isInside else { return }
        guard case .file(let activity) = asking.attempt(on: .other), activity != .open,
            asking.paths().contains(path)
        else { return }
        take(.file(activity, path), reason, nil, &asking, &surroundings)
    }

    /// Tells of a read, whatever the call.
    func noteRead<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ path: AbsolutePath, _ reason: DeniedAct.Reason, _ asking: inout Asking<Observer>,
        _ surroundings: inout Surroundings
    ) {
        guard asking.isInside else { return }
        take(.file(.open, path), reason, .accessDenied, &asking, &surroundings)
    }

    private func take<Observer: TaskObserver, Surroundings: SkeletonSurroundings & ~Copyable>(
        _ subject: DeniedAct.Subject, _ reason: DeniedAct.Reason, _ errno: Errno?,
        _ asking: inout Asking<Observer>, _ surroundings: inout Surroundings
    ) {
        let actor = asking.observer.actor(of: asking.thread)
        surroundings.take(
            .denied(DeniedAct(subject, reason, call: asking.name(), errno: errno, process: actor)))
    }
}
