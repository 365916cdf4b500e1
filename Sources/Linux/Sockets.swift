internal import CLinux

/// Socket pairs that carry packets and descriptors between two processes of Mews (unix(7)).
public enum Sockets {
    /// The most descriptors that a packet brings (SCM_MAX_FD).
    public static let mostDescriptors = 253

    /// A connected pair that keeps the borders of packets, closed by execve(2).
    public static func pair() throws(Errno) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        let sequencedPackets: Int32 = 5
        _ = try check(unsafe mews_socketpair(sequencedPackets, &ends))
        return DescriptorPair(first: FileDescriptor(owning: ends[0]), second: FileDescriptor(owning: ends[1]))
    }

    /// Sends one packet, with a descriptor if there is one.
    public static func send(_ bytes: [UInt8], with descriptor: Int32? = nil, to socket: Int32) throws(Errno) {
        try send(bytes, with: descriptor.map { [$0] } ?? [], to: socket)
    }

    /// Sends one packet with descriptors, at most ``mostDescriptors``.
    public static func send(_ bytes: [UInt8], with descriptors: [Int32], to socket: Int32) throws(Errno) {
        _ = try retrying { () throws(Errno) in
            try check(
                unsafe mews_send(socket, bytes, UInt(bytes.count), descriptors, UInt32(descriptors.count)))
        }
    }

    /// One packet.
    public struct Packet: ~Copyable {
        /// What was sent; empty when the other end is closed.
        public let bytes: [UInt8]
        private let descriptors: DescriptorList

        fileprivate init(_ bytes: [UInt8], _ descriptors: consuming DescriptorList) {
            self.bytes = bytes
            self.descriptors = descriptors
        }

        /// Hands on what came along; otherwise it is closed.
        public consuming func takeDescriptors() -> DescriptorList { descriptors }
    }

    /// Waits for one packet of at most `capacity` bytes.
    ///
    /// - Throws: EMSGSIZE when more than ``mostDescriptors`` came along, or more than can be open here; those that
    ///   arrived are closed.
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
        var descriptors = [Int32](repeating: -1, count: mostDescriptors)
        var number: UInt32 = 0
        let dontWait: Int32 = 0x40
        let length = try retrying { () throws(Errno) in
            try check(
                unsafe mews_receive(
                    socket, &buffer, UInt(capacity), waiting ? 0 : dontWait, &descriptors,
                    UInt32(mostDescriptors), &number))
        }
        return Packet(Array(buffer[..<length]), DescriptorList(owning: Array(descriptors[..<Int(number)])))
    }
}
