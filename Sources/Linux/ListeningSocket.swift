internal import CLinux

/// Sockets that wait for what others in their network namespace send (ip(7), ipv6(7)).
///
/// None can be shared: without SO_REUSEADDR and SO_REUSEPORT nobody else gets the port, whatever they set. All are
/// non-blocking and closed by execve(2).
public enum ListeningSocket {
    /// TCP at a port of every address, of IPv4 and IPv6 (only IPv4 where there is no IPv6).
    public static func stream(port: UInt16) throws(Errno) -> FileDescriptor {
        try listening(anywhere(.stream, port: port, packetInformation: false))
    }

    /// TCP at a port of 127.0.0.1.
    public static func loopbackStream(port: UInt16) throws(Errno) -> FileDescriptor {
        let socket = FileDescriptor(owning: try check(mews_socket(internet, Kind.stream.rawValue, 0)))
        try bind(socket.number, version4: [127, 0, 0, 1], port: port)
        return try listening(socket)
    }

    /// UDP at a port of every address, each datagram with the address that it went to (IPV6_RECVPKTINFO; where
    /// there is no IPv6, IP_PKTINFO).
    public static func datagram(port: UInt16) throws(Errno) -> FileDescriptor {
        try anywhere(.datagram, port: port, packetInformation: true)
    }

    private enum Kind: Int32 {
        case stream = 1
        case datagram = 2
    }

    // IP_PKTINFO, IPV6_V6ONLY and IPV6_RECVPKTINFO.
    private static let packetInformation4: Int32 = 8
    private static let only6: Int32 = 26
    private static let packetInformation6: Int32 = 49

    private static let internet: Int32 = 2
    private static let internet6: Int32 = 10

    private static func anywhere(
        _ kind: Kind, port: UInt16, packetInformation: Bool
    ) throws(Errno) -> FileDescriptor {
        do throws(Errno) {
            return try anywhere6(kind, port: port, packetInformation: packetInformation)
        } catch {
            // No IPv6 in the kernel, or it is disabled.
            guard error == .addressFamilyNotSupported || error == .addressNotAvailable else { throw error }
            let socket = FileDescriptor(owning: try check(mews_socket(internet, kind.rawValue, 0)))
            if packetInformation { try set(socket.number, level: 0, option: packetInformation4, 1) }
            try bind(socket.number, version4: [0, 0, 0, 0], port: port)
            return socket
        }
    }

    /// One socket for both: what comes by IPv4 has a mapped address.
    private static func anywhere6(
        _ kind: Kind, port: UInt16, packetInformation: Bool
    ) throws(Errno) -> FileDescriptor {
        let level: Int32 = 41
        let socket = FileDescriptor(owning: try check(mews_socket(internet6, kind.rawValue, 0)))
        // The host may have set another default (net.ipv6.bindv6only).
        try set(socket.number, level: level, option: only6, 0)
        if packetInformation { try set(socket.number, level: level, option: packetInformation6, 1) }
        // struct sockaddr_in6: family, port, flow, address, scope.
        let address = family(internet6) + big(port) + [UInt8](repeating: 0, count: 24)
        _ = try check(unsafe mews_bind_raw(socket.number, address, UInt32(address.count)))
        return socket
    }

    private static func bind(_ socket: Int32, version4 address: [UInt8], port: UInt16) throws(Errno) {
        let address = family(internet) + big(port) + address + [UInt8](repeating: 0, count: 8)
        _ = try check(unsafe mews_bind_raw(socket, address, UInt32(address.count)))
    }

    private static func listening(_ socket: consuming FileDescriptor) throws(Errno) -> FileDescriptor {
        // As many as the kernel lets wait (net.core.somaxconn): who waits here is only late, who finds no room
        // tries again after a second.
        _ = try check(mews_listen(socket.number, 4096))
        return socket
    }

    private static func set(_ socket: Int32, level: Int32, option: Int32, _ value: Int32) throws(Errno) {
        _ = try check(mews_set_socket_option(socket, level, option, value))
    }

    private static func family(_ number: Int32) -> [UInt8] {
        let family = UInt16(truncatingIfNeeded: number)
        return unsafe withUnsafeBytes(of: family) { unsafe Array($0) }
    }

    private static func big(_ port: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port)]
    }
}
