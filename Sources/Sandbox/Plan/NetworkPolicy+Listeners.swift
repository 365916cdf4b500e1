internal import Network
internal import Profile

extension NetworkPolicy {
    /// The first line that names the port of a listener; nil for the door's own.
    func origin(of listener: NetworkListener) -> Origin? {
        allow.first { $0.value.ports.contains(listener.port) }?.origin
            ?? loopback.first { $0.value == listener.port }?.origin
    }
}
