public import Linux

/// What was made in the sandbox's network namespace, for those outside who answer there.
public struct NetworkDescriptors: ~Copyable {
    /// The listening sockets, in the order of `NetworkPolicy.listeners`.
    public var listeners: DescriptorList
    /// The observer of what nobody listens to (``PacketObserver``); nil where the kernel allows none.
    public var packets: FileDescriptor?
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
        let others = (packetsError == nil ? 1 : 0) + (diagnosisError == nil ? 1 : 0)
        guard descriptors.count == listenerCount + others else { return nil }
        diagnosis = diagnosisError == nil ? descriptors.removeLast() : nil
        packets = packetsError == nil ? descriptors.removeLast() : nil
        listeners = descriptors
        self.packetsError = packetsError
        self.diagnosisError = diagnosisError
    }
}
