internal import CLinux

/// Sockets that wait for what others in their network namespace send (ip(7), ipv6(7)).
///
/// None can be shared: without SO_REUSEADDR and SO_REUSEPORT nobody else gets the port, whatever they set. All are
/// non-blocking and closed by execve(2).
public enum ListeningSocket {
    /// TCP at a port of every address, of IPv4 and IPv6 (only IPv4 where there is no IPv6).
    public static func stream(port: UInt16) throws(Errno) -> FileDescriptor {
        try listening(anywhere(Streams.socket, port: port))
    }

    /// TCP at a port of 127.0.0.1.
    public static func loopbackStream(port: UInt16) throws(Errno) -> FileDescriptor {
        let loopback = IPAddress.loopback
        let socket = try Streams.socket(towards: loopback)
        try bind(socket.number, to: SocketEndpoint(loopback, port))
        return try listening(socket)
    }

    /// UDP at a port of every address, each datagram with the address that it went to.
    public static func datagram(port: UInt16) throws(Errno) -> FileDescriptor {
        let socket = try anywhere(Datagrams.socket, port: port)
        try Datagrams.tellDestinations(socket.number)
        return socket
    }

    /// Gives a socket its near end; port 0 lets the kernel choose (bind(2)).
    static func bind(_ socket: Int32, to endpoint: SocketEndpoint) throws(Errno) {
        var raw = mews_endpoint(endpoint)
        _ = try check(unsafe mews_bind(socket, &raw))
    }

    private static func anywhere(
        _ socket: (IPAddress) throws(Errno) -> FileDescriptor, port: UInt16
    ) throws(Errno) -> FileDescriptor {
        do throws(Errno) {
            return try bound(socket, to: SocketEndpoint(IPAddress(high: 0, low: 0), port))
        } catch {
            // No IPv6 in the kernel, or it is disabled.
            guard error == .addressFamilyNotSupported || error == .addressNotAvailable else { throw error }
            return try bound(socket, to: SocketEndpoint(IPAddress(version4: 0), port))
        }
    }

    private static func bound(
        _ make: (IPAddress) throws(Errno) -> FileDescriptor, to endpoint: SocketEndpoint
    ) throws(Errno) -> FileDescriptor {
        let socket = try make(endpoint.address)
        // One socket for both families: what comes by IPv4 has a mapped address. The host may have set another
        // default (net.ipv6.bindv6only).
        if endpoint.address.version4 == nil {
            _ = try check(mews_set_socket_option(socket.number, 41, 26, 0))
        }
        try bind(socket.number, to: endpoint)
        return socket
    }

    private static func listening(_ socket: consuming FileDescriptor) throws(Errno) -> FileDescriptor {
        // As many as the kernel lets wait (net.core.somaxconn): who waits here is only late, who finds no room
        // tries again after a second.
        _ = try check(mews_listen(socket.number, 4096))
        return socket
    }
}
