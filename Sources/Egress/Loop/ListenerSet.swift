internal import Linux
internal import Network

/// The sockets at which the door waits for the sandbox's connections.
///
/// The descriptors are open until the process ends, so they are numbers.
struct ListenerSet {
    let numbers: [Int32]
    /// The explicit proxy's, where it is at one address alone, and that address: who comes there needn't be asked where
    /// it wanted to go.
    let proxy: (number: Int32, endpoint: SocketEndpoint)?

    /// Where whoever came to a listener wanted to go.
    func destination(of client: Int32, from listener: Int32) throws(Errno) -> SocketEndpoint {
        if let proxy, proxy.number == listener { return proxy.endpoint }
        return try Streams.name(of: client)
    }
}

/// Everything that is listened at, sorted.
struct DoorListeners: ~Copyable {
    let streams: ListenerSet
    private var datagrams: FileDescriptor?
    private var nameStreams: FileDescriptor?

    /// Sorts the descriptors from `first` on, which are these listeners in their order.
    init(_ listeners: [NetworkListener], first: Int32) {
        var numbers: [Int32] = []
        var proxy: (Int32, SocketEndpoint)?
        for (index, listener) in listeners.enumerated() {
            let number = first + Int32(index)
            switch (listener.kind, listener.port) {
            case (.datagram, _): datagrams = FileDescriptor(owning: number)
            case (.stream, NetworkListener.namePort): nameStreams = FileDescriptor(owning: number)
            case (.stream, _): numbers.append(number)
            case (.loopbackStream, let port):
                numbers.append(number)
                proxy = (number, SocketEndpoint(IPAddress.loopback, port))
            }
        }
        streams = ListenerSet(numbers: numbers, proxy: proxy)
    }

    /// The name server at its two sockets; nil without them.
    mutating func takeNames(now: Int64) throws(Errno) -> NameServer? {
        guard let datagrams = datagrams.take(), let nameStreams = nameStreams.take() else { return nil }
        return try NameServer(datagrams: datagrams, streams: nameStreams, now: now)
    }
}
