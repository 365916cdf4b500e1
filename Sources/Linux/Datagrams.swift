internal import CLinux

/// UDP (udp(7)), without waiting.
public enum Datagrams {
    /// A datagram and both its ends.
    public struct Received: Sendable {
        /// What it carries; longer ones are cut.
        public let bytes: [UInt8]
        /// Where it came from.
        public let from: SocketEndpoint
        /// To which address it was sent; the port isn't told.
        public let to: IPAddress
    }

    /// A socket for datagrams to this address, not connected.
    public static func socket(towards address: IPAddress) throws(Errno) -> FileDescriptor {
        var raw = mews_endpoint(SocketEndpoint(address, 0))
        let datagram: Int32 = 2
        return FileDescriptor(owning: try check(unsafe mews_internet_socket(&raw, datagram)))
    }

    /// Gives the socket a near end; port 0 lets the kernel choose.
    public static func bind(_ socket: Int32, to endpoint: SocketEndpoint) throws(Errno) {
        try ListeningSocket.bind(socket, to: endpoint)
    }

    /// Sets the only far end. No packet leaves; the kernel chooses the way and the near address.
    public static func connect(_ socket: Int32, to endpoint: SocketEndpoint) throws(Errno) {
        var raw = mews_endpoint(endpoint)
        _ = try check(unsafe mews_connect(socket, &raw))
    }

    /// Tells with each datagram to which address it was sent (IPV6_RECVPKTINFO; IP_PKTINFO where the socket is one of
    /// IPv4 alone).
    public static func tellDestinations(_ socket: Int32) throws(Errno) {
        do throws(Errno) {
            _ = try check(mews_set_socket_option(socket, 41, 49, 1))
        } catch .noProtocolOption {
            _ = try check(mews_set_socket_option(socket, 0, 8, 1))
        }
    }

    /// Lets answers leave from addresses that are local by a route alone (IP_FREEBIND of ip(7), for IPv6 as well).
    public static func answerFromAnywhere(_ socket: Int32) throws(Errno) {
        _ = try check(mews_set_socket_option(socket, 0, 15, 1))
    }

    /// The next datagram of a socket that tells destinations.
    ///
    /// - Throws: `Errno.again` when there is none.
    public static func receive(_ socket: Int32, atMost capacity: Int) throws(Errno) -> Received {
        var from = mews_endpoint()
        var to = mews_endpoint()
        var bytes = [UInt8](repeating: 0, count: capacity)
        let length = try retrying { () throws(Errno) in
            try check(unsafe mews_receive_datagram(socket, &bytes, UInt(capacity), &from, &to))
        }
        bytes.removeLast(capacity - length)
        return Received(bytes: bytes, from: SocketEndpoint(from), to: IPAddress(high: to.high, low: to.low))
    }

    /// Sends a datagram from one of the addresses at which the socket receives.
    public static func send(
        _ socket: Int32, _ bytes: [UInt8], to: SocketEndpoint, from: IPAddress
    ) throws(Errno) {
        var destination = mews_endpoint(to)
        var source = mews_endpoint(SocketEndpoint(from, 0))
        _ = try retrying { () throws(Errno) in
            try check(
                unsafe mews_send_datagram(socket, bytes, UInt(bytes.count), &destination, &source))
        }
    }
}
