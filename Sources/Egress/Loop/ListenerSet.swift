internal import Linux
internal import Network

/// The sockets at which the door waits for the sandbox's connections.
///
/// The descriptors are open until the process ends, so they are numbers.
struct ListenerSet {
    let numbers: [Int32]
}

/// Everything that is listened at, sorted.
struct DoorListeners: ~Copyable {
    let streams: ListenerSet
    private var datagrams: FileDescriptor?
    private var nameStreams: FileDescriptor?

    /// Sorts the descriptors from `first` on, which are these listeners in their order.
    init(_ listeners: [NetworkListener], first: Int32) {
        var numbers: [Int32] = []
        for (index, listener) in listeners.enumerated() {
            let number = first + Int32(index)
            switch (listener.kind, listener.port) {
            case (.datagram, _): datagrams = FileDescriptor(owning: number)
            case (.stream, NetworkListener.namePort): nameStreams = FileDescriptor(owning: number)
            default: numbers.append(number)
            }
        }
        streams = ListenerSet(numbers: numbers)
    }

    /// The name server at its two sockets; nil without them.
    mutating func takeNames(now: Int64) throws(Errno) -> NameServer? {
        guard let datagrams = datagrams.take(), let nameStreams = nameStreams.take() else { return nil }
        return try NameServer(datagrams: datagrams, streams: nameStreams, now: now)
    }
}
