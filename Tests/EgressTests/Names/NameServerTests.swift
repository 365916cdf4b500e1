import Linux
import Network
import Testing

@testable import Egress

@Suite("The name server answers over UDP and TCP, refusals only when they are recorded")
struct NameServerTests {
    /// A server on ports of its own with everything that the door has around it.
    final class Place {
        var server: NameServer
        var addresses: SyntheticAddresses
        let decision: NetworkDecision
        let datagrams: SocketEndpoint
        let streams: SocketEndpoint
        var events: [NetworkEvent] = []
        var named: [String] = []

        init(_ limits: NameServer.Limits = NameServer.Limits(), at text: String = "::") throws {
            var settings = DoorSettings()
            settings.allow = [NetworkRule(.below(try #require(DomainName("example"))), ports: [443])]
            settings.key = [UInt8](repeating: 3, count: 32)
            let any = SocketEndpoint(try #require(IPAddress(text)), 0)
            let datagrams = try Datagrams.socket(towards: any.address)
            try Datagrams.tellDestinations(datagrams.number)
            try Datagrams.bind(datagrams.number, to: any)
            let listener = try Streams.listen(at: any)
            self.datagrams = SocketEndpoint(
                IPAddress(version4: 0x7f00_0001), try Streams.name(of: datagrams.number).port)
            streams = SocketEndpoint(
                IPAddress(version4: 0x7f00_0001), try Streams.name(of: listener.number).port)
            server = try NameServer(datagrams: datagrams, streams: listener, now: 0, limits: limits)
            addresses = try #require(SyntheticAddresses(settings))
            decision = NetworkDecision(settings)
        }

        func serve(now: Int64 = 0) {
            let told = server.serve(
                now: now, firstNumber: UInt64(events.count) + 1, decision: decision, addresses: &addresses)
            events += told.events
            named += told.named.map(\.1.text)
            server.flush()
        }

        /// Its records are confirmed up to this number.
        func record(upTo number: UInt64) { server.recorded(upTo: number) }

        /// When it wants to be served although nothing comes.
        var deadline: Int64? { server.deadline }

        /// Whether anything calls for it to be served.
        var isReady: Bool {
            var entries = [Poll.Entry(server.descriptor, .readable)]
            return (try? Poll.wait(&entries, nanoseconds: 0)) != 0
        }
    }

    /// A program's socket.
    final class Client {
        private let descriptor: FileDescriptor

        init(_ descriptor: consuming FileDescriptor) {
            self.descriptor = descriptor
        }

        var ownEnd: SocketEndpoint? { try? Streams.name(of: descriptor.number) }

        func send(_ bytes: [UInt8]) throws {
            #expect(try Streams.send(descriptor.number, bytes[...]) == bytes.count)
        }

        /// What has come; nil when nothing has.
        var received: [UInt8]? { try? Files.read(descriptor.number, atMost: 65_536) }

        func end() throws { try Streams.end(descriptor.number, .writing) }
    }

    private func datagramClient(_ place: Place, at address: String = "127.0.0.1") throws -> Client {
        let endpoint = SocketEndpoint(try #require(IPAddress(address)), place.datagrams.port)
        let client = try Datagrams.socket(towards: endpoint.address)
        try Datagrams.connect(client.number, to: endpoint)
        return Client(client)
    }

    private func streamClient(_ place: Place) throws -> Client {
        let client = try Streams.socket(towards: place.streams.address)
        try Streams.setNoDelay(client.number)
        _ = try Streams.connect(client.number, to: place.streams)
        return Client(client)
    }

    private func framed(_ messages: [[UInt8]]) -> [UInt8] {
        messages.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xff)] + $0 }
    }

    @Test(
        "an answer leaves from the address that was asked, IPv4 or IPv6",
        arguments: ["127.0.0.9", "127.0.0.1", "::1"])
    func source(text: String) throws {
        let place = try Place()
        let client = try datagramClient(place, at: text)
        try client.send(TestMessage.query("a.example"))
        place.serve()
        #expect(try TestReply(try #require(client.received)).answers.count == 1)
        #expect(place.events.isEmpty && place.named == ["a.example"])
    }

    @Test(
        "where the kernel has no IPv6 the sockets are of IPv4 alone, and answer from the address that was asked"
    )
    func withoutVersion6() throws {
        let place = try Place(at: "0.0.0.0")
        let clients = [try datagramClient(place, at: "127.0.0.9"), try streamClient(place)]
        try clients[0].send(TestMessage.query("a.example"))
        try clients[1].send(framed([TestMessage.query("denied.test")]))
        for _ in 0..<3 { place.serve() }
        #expect(try TestReply(try #require(clients[0].received)).answers.count == 1)
        place.record(upTo: 1)
        #expect(try TestReply(Array(try #require(clients[1].received).dropFirst(2))).code == 3)
        #expect(place.events.map(\.client) == [clients[1].ownEnd])
    }

    @Test("a refusal waits for its record, those after it too, and no answer passes another's")
    func recorded() throws {
        let place = try Place()
        let client = try datagramClient(place)
        for number in 1...3 as ClosedRange<UInt16> {
            try client.send(TestMessage.query("denied.test", identifier: number))
        }
        try client.send(TestMessage.query("a.example", identifier: 9))
        place.serve()
        #expect(try TestReply(try #require(client.received)).identifier == 9)
        #expect(client.received == nil)
        #expect(place.events.map(\.reason) == [.notAllowed, .notAllowed, .notAllowed])
        place.record(upTo: 0)
        #expect(client.received == nil)
        place.record(upTo: 2)
        for number in 1...2 as ClosedRange<UInt16> {
            let answer = try TestReply(try #require(client.received))
            #expect(answer.code == 3 && answer.identifier == number)
        }
        #expect(client.received == nil)
        place.record(upTo: 7)
        #expect(try TestReply(try #require(client.received)).identifier == 3)
    }

    @Test("the event says who asked for what, and how")
    func event() throws {
        let place = try Place()
        let client = try datagramClient(place, at: "127.0.0.9")
        try client.send(TestMessage.query("Denied.Test", 16))
        place.serve()
        let event = try #require(place.events.first)
        #expect(event.kind == .nameDenied && event.door == .dns && event.isDatagram && event.port == 53)
        #expect(event.host == Array("denied.test".utf8) && event.questionType == 16)
        #expect(event.destination == SocketEndpoint(IPAddress(version4: 0x7f00_0009), 53))
        #expect(event.client == client.ownEnd)
    }

    @Test("a connection carries several questions, in pieces of any size")
    func pieces() throws {
        let place = try Place()
        let client = try streamClient(place)
        let bytes = framed((1...4).map { TestMessage.query("n\($0).example", identifier: UInt16($0)) })
        for byte in bytes {
            try client.send([byte])
            place.serve()
        }
        place.serve()
        var input = try #require(client.received)
        for number in 1...4 as ClosedRange<UInt16> {
            let length = Int(input[0]) << 8 | Int(input[1])
            #expect(try TestReply(Array(input[2..<(2 + length)])).identifier == number)
            input.removeFirst(2 + length)
        }
        #expect(input.isEmpty)
    }

    @Test("all questions at once and then the end: every one is answered, the refused when recorded")
    func ended() throws {
        let place = try Place()
        let client = try streamClient(place)
        try client.send(framed([TestMessage.query("a.example"), TestMessage.query("denied.test")]))
        try client.end()
        place.serve()
        place.serve()
        #expect(try TestReply(Array(try #require(client.received).dropFirst(2))).code == 0)
        #expect(client.received == nil)
        place.serve()
        #expect(
            !place.isReady,
            "an ended connection that waits for a record isn't looked at again and again")
        place.record(upTo: 1)
        #expect(try TestReply(Array(try #require(client.received).dropFirst(2))).code == 3)
        #expect(client.received == [])
        #expect(place.deadline == nil)
    }

    @Test("a message that is announced longer than any question ends the connection (29)")
    func oversize() throws {
        let place = try Place()
        let client = try streamClient(place)
        try client.send([0xff, 0xff, 1])
        place.serve()
        place.serve()
        #expect(client.received == [])
        #expect(place.deadline == nil)
    }

    @Test("whoever sends nothing whole for ten seconds is let go")
    func slow() throws {
        let place = try Place()
        let client = try streamClient(place)
        place.serve()
        let second: Int64 = 1_000_000_000
        #expect(place.deadline == 10 * second)
        try client.send([0, 40, 1])
        place.serve(now: 9 * second)
        #expect(place.deadline == 10 * second)
        place.serve(now: 10 * second)
        #expect(place.deadline == nil)
        #expect(client.received == [])
    }

    @Test("connections past the most wait their turn")
    func streamsBounded() throws {
        var limits = NameServer.Limits()
        limits.streams = 1
        let place = try Place(limits)
        let first = try streamClient(place)
        place.serve()
        let second = try streamClient(place)
        try second.send(framed([TestMessage.query("a.example")]))
        #expect(!place.isReady)
        #expect(second.received == nil)
        try first.end()
        place.serve()
        place.serve()
        place.serve()
        #expect(second.received != nil)
    }

    @Test("questions past the rate wait in the kernel, and the server sleeps meanwhile")
    func rate() throws {
        var limits = NameServer.Limits()
        limits.perSecond = 10
        limits.burst = 5
        let place = try Place(limits)
        let client = try datagramClient(place)
        for _ in 0..<20 { try client.send(TestMessage.query("a.example")) }
        place.serve()
        func answered() -> Int {
            var count = 0
            while client.received != nil { count += 1 }
            return count
        }
        #expect(answered() == 5)
        #expect(!place.isReady)
        let next = try #require(place.deadline)
        #expect(next == 100_000_000)
        place.serve(now: next)
        #expect(answered() == 1 && !place.isReady)
        place.serve(now: 10 * next)
        #expect(answered() == 5)
    }

    @Test("the same over TCP: what was read already is answered when its time comes")
    func streamRate() throws {
        var limits = NameServer.Limits()
        limits.perSecond = 10
        limits.burst = 2
        let place = try Place(limits)
        let client = try streamClient(place)
        try client.send(framed((0..<6).map { _ in TestMessage.query("a.example") }))
        place.serve()
        place.serve()
        var bytes = client.received?.count ?? 0
        let one = bytes / 2
        var now: Int64 = 0
        for _ in 0..<10 where bytes < 6 * one {
            #expect(!place.isReady)
            now = try #require(place.deadline)
            place.serve(now: now)
            bytes += client.received?.count ?? 0
        }
        #expect(bytes == 6 * one && now == 400_000_000)
    }

    @Test("refusals whose records don't come stop the reading, and nothing is forgotten")
    func held() throws {
        var limits = NameServer.Limits()
        limits.held = 4
        let place = try Place(limits)
        let client = try datagramClient(place)
        for _ in 0..<10 { try client.send(TestMessage.query("denied.test")) }
        place.serve()
        #expect(place.events.count == 4 && !place.isReady)
        var count = 0
        for _ in 0..<5 {
            place.record(upTo: UInt64(place.events.count))
            while client.received != nil { count += 1 }
            place.serve()
        }
        #expect(count == 10)
    }

    @Test("what is no question gets no answer, or a code")
    func nonsense() throws {
        let place = try Place()
        let client = try datagramClient(place)
        for bytes in [[], [1], [UInt8](repeating: 0, count: 12), [UInt8](repeating: 0xff, count: 3000)] {
            try client.send(bytes)
        }
        place.serve()
        #expect(try TestReply(try #require(client.received)).code == 1)
        #expect(client.received == nil)
        #expect(place.events.isEmpty)
    }
}
