public import Linux

/// What was made in the sandbox's network namespace, for those outside who answer there.
public struct NetworkDescriptors: ~Copyable {
    /// The listening sockets, in the order of `NetworkPolicy.listeners`.
    public var listeners: DescriptorList
    /// The sockets of the observer of what nobody listens to (``Linux/PacketObserver``); nil where the kernel allows
    /// none.
    public var packets: DescriptorList?
    /// Why there is no observer.
    public let packetsError: Errno?
    /// A socket that tells whose a connection is (sock_diag(7)); nil where the kernel has none.
    public var diagnosis: FileDescriptor?
    /// Why that can't be told.
    public let diagnosisError: Errno?

    /// Takes a message of the child apart; nil when it brought more or less than it says.
    init?(
        _ descriptors: consuming DescriptorList, listenerCount: Int, packetsError: Errno?,
        diagnosisError: Errno?
    ) {
        let observers = descriptors.count - listenerCount - (diagnosisError == nil ? 1 : 0)
        guard packetsError == nil ? PacketObserver.counts.contains(observers) : observers == 0 else {
            return nil
        }
        diagnosis = diagnosisError == nil ? descriptors.removeLast() : nil
        packets = packetsError == nil ? descriptors.removeLast(observers) : nil
        listeners = descriptors
        self.packetsError = packetsError
        self.diagnosisError = diagnosisError
    }
}
