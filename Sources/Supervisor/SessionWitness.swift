internal import Audit
internal import Linux

/// What the skeleton and the notifications need of the supervisor: the host, looked at without ever waiting, and the
/// log.
struct SessionWitness: ~Copyable {
    var host: HostLookup
    var recorder: SessionRecorder
}

extension SessionWitness: SkeletonSurroundings {
    mutating func hostAnswer(at path: AbsolutePath) -> HostAnswer {
        host.look(at: path)
    }

    mutating func take(_ event: SkeletonEvent) {
        switch event {
        case .denied(let act): recorder.record(act)
        case .looked: recorder.countLook()
        }
    }
}
