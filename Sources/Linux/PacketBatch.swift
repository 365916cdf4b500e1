internal import CLinux

/// Packets of a socket that keeps their borders (unix(7)), several taken by one call.
///
/// Descriptors that come along are closed by the kernel: there is no room for them.
public struct PacketBatch: Sendable {
    /// Packets of one call.
    private static let most = 16

    private let room: Int
    private var buffer: [UInt8]
    private var lengths = [UInt32](repeating: 0, count: most)
    private var count = 0
    private var next = 0

    /// An empty one.
    ///
    /// - Parameter capacity: the most bytes of a packet; what is longer arrives one byte longer than that.
    public init(capacity: Int) {
        room = capacity + 1
        buffer = [UInt8](repeating: 0, count: room * Self.most)
    }

    /// Whether some were taken from the socket and not from here: then the socket doesn't tell of them any more.
    public var holdsPackets: Bool { next < count }

    /// The next packet; empty when the other end is closed.
    ///
    /// - Returns: nil when there is none at this moment.
    /// - Throws: what the kernel answers; `Errno.connectionReset` once when the other end was closed with packets from here
    ///   unread, before what that end sent last.
    public mutating func take(from socket: Int32) throws(Errno) -> [UInt8]? {
        if next == count {
            // The last call had room left, so there were no more.
            let isEmpty = count > 0 && count < Self.most
            next = 0
            count = 0
            guard !isEmpty, try receive(socket) else { return nil }
        }
        defer { next += 1 }
        let start = next * room
        return Array(buffer[start..<start + Int(lengths[next])])
    }

    private mutating func receive(_ socket: Int32) throws(Errno) -> Bool {
        do throws(Errno) {
            count = Int(
                try retrying { () throws(Errno) in
                    try check(
                        unsafe mews_receive_packets(
                            socket, &buffer, UInt32(room), UInt32(Self.most), &lengths))
                })
            return true
        } catch .again {
            return false
        }
    }
}
