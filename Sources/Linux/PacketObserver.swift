internal import CLinux

/// A copy of what the kernel answers where nobody listens (raw(7)), so that a refused connection can be told of.
///
/// One raw socket for each protocol that such an answer comes by. A packet socket (packet(7)) would see more with
/// one, but closing it waits until all processors have passed a quiet state (RCU): 4 to 40 ms at the end of every
/// session.
public struct PacketObserver: ~Copyable {
    private let sockets: DescriptorList
    private let queue: EventQueue
    /// What had found no room when it was last asked for, by socket.
    private var told: [UInt32]

    /// The most bytes of a frame that are kept: the longest headers that an answer and what it quotes can have.
    public static let snapLength = 160

    /// How many sockets there are: of IPv4, and of IPv6 where the kernel has it.
    public static let counts = [
        PacketFilter.version4.count, PacketFilter.version4.count + PacketFilter.version6.count,
    ]

    /// Makes the sockets in this network namespace; CAP_NET_RAW in it is needed.
    ///
    /// - Returns: as many as one of ``counts`` says.
    /// - Throws: what the kernel answers: EPERM where something around it forbids raw sockets.
    public static func makeSockets() throws(Errno) -> DescriptorList {
        let internet: Int32 = 2
        let internet6: Int32 = 10
        var sockets = DescriptorList()
        for filter in PacketFilter.version4 { sockets.append(try make(internet, filter)) }
        if try hasVersion6() {
            for filter in PacketFilter.version6 { sockets.append(try make(internet6, filter)) }
        }
        return sockets
    }

    private static func hasVersion6() throws(Errno) -> Bool {
        let internet6: Int32 = 10
        let datagram: Int32 = 2
        let number = mews_socket(internet6, datagram, 0)
        if number == -Errno.addressFamilyNotSupported.code { return false }
        _ = FileDescriptor(owning: try check(number))
        return true
    }

    private static func make(_ family: Int32, _ filter: PacketFilter) throws(Errno) -> FileDescriptor {
        let raw: Int32 = 3
        let socket = FileDescriptor(owning: try check(mews_socket(family, raw, filter.protocolNumber)))
        guard let count = UInt16(exactly: filter.instructions.count) else { throw .invalidArgument }
        // What arrived before isn't one of the command's, which doesn't run yet.
        _ = try check(unsafe mews_attach_filter(socket.number, filter.instructions, count))
        // What arrives by IPv6 comes without its header.
        if family != 2 { try Datagrams.tellDestinations(socket.number) }
        return socket
    }

    /// Takes over the sockets that ``makeSockets()`` made.
    public init(_ sockets: consuming DescriptorList) throws(Errno) {
        let queue = try EventQueue()
        for socket in sockets.numbers { try queue.add(socket, .readable, number: 0) }
        told = [UInt32](repeating: 0, count: sockets.count)
        self.queue = queue
        self.sockets = sockets
    }

    /// Readable while there is a frame.
    public var descriptor: Int32 { queue.descriptor.number }

    /// The next frame from its IP header on, perhaps cut at ``snapLength``; nil when there is none.
    public func next() -> [UInt8]? {
        for (index, socket) in sockets.numbers.enumerated() {
            if index < PacketFilter.version4.count {
                if let frame = try? Files.read(socket, atMost: Self.snapLength), !frame.isEmpty {
                    return frame
                }
            } else if let received = try? Datagrams.receive(socket, atMost: Self.snapLength) {
                let number = PacketFilter.version6[index - PacketFilter.version4.count].protocolNumber
                let length = UInt16(truncatingIfNeeded: received.bytes.count)
                return [0x60, 0, 0, 0, UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
                    + [UInt8(truncatingIfNeeded: number), 64] + received.from.address.bytes
                    + received.to.bytes
                    + received.bytes
            }
        }
        return nil
    }

    /// How many frames found no room in the sockets' buffers since this was asked last (SO_MEMINFO; before Linux
    /// 4.12 that isn't known).
    public mutating func takeLost() -> UInt32 {
        var lost: UInt32 = 0
        for (index, socket) in sockets.numbers.enumerated() {
            var drops: UInt32 = 0
            guard unsafe mews_socket_drops(socket, &drops) >= 0 else { continue }
            lost &+= drops &- told[index]
            told[index] = drops
        }
        return lost
    }
}
