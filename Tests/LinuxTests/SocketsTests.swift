import Linux
import Testing

@Suite("A pair of sockets")
struct SocketsTests {
    /// A command that ended on SIGTERM left the SIGCONT behind it unread in init: the news of its end was lost,
    /// and the run answered 123 instead of the command's own status.
    @Test("What one end sent last arrives, also when it was closed with something unread")
    func lastPacket() throws {
        let pair = try Sockets.pair()
        let other = try Files.duplicate(pair.second.number, from: 3)
        let own = pair.keepingFirst()
        try Sockets.send([1], to: own.number)
        try Sockets.send([2], to: other.number)
        close(other)
        #expect(try receive(own.number) == [2])
        #expect(try receive(own.number) == [])
    }

    private func close(_ descriptor: consuming FileDescriptor) { _ = consume descriptor }

    private func receive(_ socket: Int32) throws -> [UInt8] {
        let packet = try Sockets.receive(from: socket, atMost: 12, waiting: false)
        return packet.bytes
    }
}
