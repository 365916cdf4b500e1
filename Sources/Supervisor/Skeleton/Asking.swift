internal import Audit
internal import Linux

/// Who asks, and for which call; found out at most once, and only when it matters.
struct Asking<Observer: TaskObserver> {
    let thread: Int32
    let observer: Observer
    private var known: (pending: PendingCall, path: PathCall?)??

    init(thread: Int32, observer: Observer) {
        self.thread = thread
        self.observer = observer
    }

    /// Whether a process of the sandbox asks. Others have no number in it: somebody outside who looks through
    /// /proc/PID/root gets the same answers, but that is no act of the command.
    var isInside: Bool { thread > SkeletonServer.ownThread }

    /// The pending call and what is known of it; nil when it can't be told.
    private mutating func call() -> (pending: PendingCall, path: PathCall?)? {
        if let known { return known }
        let pending = observer.call(of: thread)
        let found = pending.map { (pending: $0, path: PathCall(number: $0.number)) }
        known = .some(found)
        return found
    }

    /// The name of the call; empty when it can't be told.
    mutating func name() -> String { call()?.path?.name ?? "" }

    /// What is tried. Where the call can't be told it counts as an open: a denial too many is better than one
    /// that nobody sees.
    mutating func attempt(on target: PendingCall.Target) -> PendingCall.Attempt {
        guard let call = call(), let path = call.path else { return .file(.open) }
        return call.pending.attempt(path, on: target)
    }

    /// The paths that the call names, as text.
    mutating func paths() -> [AbsolutePath] {
        guard let call = call(), let path = call.path else { return [] }
        return path.paths.compactMap { observer.path($0, of: call.pending, by: thread) }
    }
}
