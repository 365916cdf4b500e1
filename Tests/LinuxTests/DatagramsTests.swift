import Linux
import Testing

@Suite("A datagram is answered from the address that it was sent to")
struct DatagramsTests {
    private static let loopback = IPAddress(version4: 0x7f00_0001)
    private static let other = IPAddress(version4: 0x7f00_0902)
    private static let loopback6 = IPAddress(high: 0, low: 1)

    /// A listener of one family or of both, and whom it is asked at.
    @Test(
        "whichever family the socket has",
        arguments: [
            (IPAddress(version4: 0), loopback), (IPAddress(version4: 0), other),
            (IPAddress(high: 0, low: 0), other), (IPAddress(high: 0, low: 0), loopback6),
        ])
    func answer(at: IPAddress, asked: IPAddress) throws {
        let server = try Datagrams.socket(towards: at)
        try Datagrams.tellDestinations(server.number)
        try Datagrams.bind(server.number, to: SocketEndpoint(at, 0))
        let place = SocketEndpoint(asked, try Streams.name(of: server.number).port)
        let client = try Datagrams.socket(towards: asked)
        // Connected: what comes from elsewhere isn't received at all.
        try Datagrams.connect(client.number, to: place)
        try Files.writeAll(client.number, Array("who".utf8))
        let question = try Datagrams.receive(server.number, atMost: 100)
        #expect(question.bytes == Array("who".utf8))
        #expect(question.to == asked)
        #expect(question.from == (try Streams.name(of: client.number)))
        try Datagrams.send(server.number, Array("me".utf8), to: question.from, from: question.to)
        #expect(try Files.read(client.number, atMost: 100) == Array("me".utf8))
    }
}
