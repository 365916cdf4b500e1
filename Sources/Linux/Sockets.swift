internal import CLinux

/// Socket pairs that carry packets and descriptors between two processes of Mews (unix(7)).
public enum Sockets {
    /// A connected pair that keeps the borders of packets, closed by execve(2).
    public static func pair() throws(Errno) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        let sequencedPackets: Int32 = 5
        _ = try check(unsafe mews_socketpair(sequencedPackets, &ends))
        return DescriptorPair(first: FileDescriptor(owning: ends[0]), second: FileDescriptor(owning: ends[1]))
    }

    /// Sends one packet, with a descriptor if there is one.
    public static func send(_ bytes: [UInt8], with descriptor: Int32? = nil, to socket: Int32) throws(Errno) {
        _ = try retrying { () throws(Errno) in
            try check(unsafe mews_send(socket, bytes, UInt(bytes.count), descriptor ?? -1))
        }
    }

    /// One packet.
    public struct Packet: ~Copyable {
        /// What was sent; empty when the other end is closed.
        public let bytes: [UInt8]
        /// The number of the descriptor that came along, owned by the receiver; -1 without one.
        public let descriptor: Int32
    }

    /// Waits for one packet of at most `capacity` bytes.
    public static func receive(
        from socket: Int32, atMost capacity: Int, waiting: Bool = true
    ) throws(Errno) -> Packet {
        do throws(Errno) {
            return try receiveOnce(from: socket, atMost: capacity, waiting: waiting)
        } catch .connectionReset {
            // The other end was closed with packets from here unread. The kernel says so once, before what that
            // end sent last, which is still there.
            return try receiveOnce(from: socket, atMost: capacity, waiting: waiting)
        }
    }

    private static func receiveOnce(
        from socket: Int32, atMost capacity: Int, waiting: Bool
    ) throws(Errno) -> Packet {
        var buffer = [UInt8](repeating: 0, count: capacity)
        var descriptor: Int32 = -1
        let dontWait: Int32 = 0x40
        let length = try retrying { () throws(Errno) in
            try check(
                unsafe mews_receive(socket, &buffer, UInt(capacity), waiting ? 0 : dontWait, &descriptor))
        }
        return Packet(bytes: Array(buffer[..<length]), descriptor: descriptor)
    }

    /// Brings the loopback interface of this network namespace up; it then has its addresses.
    public static func raiseLoopback() throws(Errno) {
        _ = try check(mews_loopback_up())
    }
}
