internal import CLinux

/// A copy of what the kernel answers where nobody listens (packet(7)), so that a refused connection can be told of.
public enum PacketObserver {
    /// The most bytes of a frame that are kept, from the IP header on: the longest headers that an answer and what
    /// it quotes can have.
    public static let snapLength = 160

    /// Makes one for the loopback interface of this network namespace; CAP_NET_RAW in it is needed. A read gives one
    /// frame and doesn't wait.
    ///
    /// - Throws: what the kernel answers: EPERM or EAFNOSUPPORT in some containers.
    public static func make() throws(Errno) -> FileDescriptor {
        let packet: Int32 = 17
        let withoutLinkHeader: Int32 = 2
        // Without a protocol nothing arrives before bind(2), so nothing gets past the filter.
        let socket = FileDescriptor(owning: try check(mews_socket(packet, withoutLinkHeader, 0)))
        let filter = PacketFilter.refusals.instructions
        guard let count = UInt16(exactly: filter.count) else { throw .invalidArgument }
        _ = try check(unsafe mews_attach_filter(socket.number, filter, count))
        // Each frame passes lo twice. Before Linux 4.20 the filter alone leaves one out, which costs a copy each.
        let packets: Int32 = 263
        let ignoreOutgoing: Int32 = 23
        _ = mews_set_socket_option(socket.number, packets, ignoreOutgoing, 1)
        // struct sockaddr_ll: family, protocol (ETH_P_ALL, in network order), interface, and what only sends need.
        let address =
            native(UInt16(packet)) + [0, 3] + native(loopbackIndex) + [UInt8](repeating: 0, count: 12)
        _ = try check(unsafe mews_bind_raw(socket.number, address, UInt32(address.count)))
        return socket
    }

    private static let loopbackIndex: Int32 = 1

    private static func native(_ number: some FixedWidthInteger) -> [UInt8] {
        unsafe withUnsafeBytes(of: number) { unsafe Array($0) }
    }

    /// How many frames found no room in the socket's buffer since this was asked last.
    public static func drops(of socket: Int32) throws(Errno) -> UInt32 {
        var drops: UInt32 = 0
        _ = try check(unsafe mews_packet_drops(socket, &drops))
        return drops
    }
}
