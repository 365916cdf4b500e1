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

    @Test(
        "Packets that are taken together arrive one by one, in their order and to the last",
        arguments: [1, 15, 16, 17, 40])
    func batches(count: Int) throws {
        let pair = try Sockets.pair()
        var batch = PacketBatch(capacity: 4)
        #expect(try batch.take(from: pair.first.number) == nil)
        for number in 0..<count { try Sockets.send([UInt8(number)], to: pair.second.number) }
        for number in 0..<count {
            #expect(try batch.take(from: pair.first.number) == [UInt8(number)])
            if number + 1 < count, (number + 1) % 16 != 0 { #expect(batch.holdsPackets) }
        }
        #expect(try batch.take(from: pair.first.number) == nil)
        #expect(!batch.holdsPackets)
        try Sockets.send([1, 2, 3, 4, 5, 6, 7], to: pair.second.number)
        #expect(try batch.take(from: pair.first.number) == [1, 2, 3, 4, 5])
    }

    @Test("After the last packet of an end that is closed comes nothing but its end")
    func endOfBatch() throws {
        let pair = try Sockets.pair()
        let other = try Files.duplicate(pair.second.number, from: 3)
        let own = pair.keepingFirst()
        for number in 0..<3 { try Sockets.send([UInt8(number)], to: other.number) }
        close(other)
        var batch = PacketBatch(capacity: 4)
        for number in 0..<3 { #expect(try batch.take(from: own.number) == [UInt8(number)]) }
        #expect(try batch.take(from: own.number)?.isEmpty == true)
        #expect(try batch.take(from: own.number)?.isEmpty == true)
    }

    private func close(_ descriptor: consuming FileDescriptor) { _ = consume descriptor }

    private func receive(_ socket: Int32) throws -> [UInt8] {
        let packet = try Sockets.receive(from: socket, atMost: 12, waiting: false)
        return packet.bytes
    }
}
