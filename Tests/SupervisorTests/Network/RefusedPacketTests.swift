import Linux
import Supervisor
import Testing

@Suite("A frame tells who sent what to where nobody listens")
struct RefusedPacketTests {
    private static let client: [UInt8] = [127, 0, 0, 1]
    private static let server: [UInt8] = [93, 184, 216, 34]
    private static let client6 = [UInt8](repeating: 0, count: 15) + [1]
    private static let server6: [UInt8] = [0x26, 0x06, 0x47] + [UInt8](repeating: 0, count: 12) + [0x11]

    private static func header4(
        _ number: UInt8, from: [UInt8], to: [UInt8], options: Int = 0, offset: UInt8 = 0
    ) -> [UInt8] {
        [UInt8(0x45 + options / 4), 0, 0, 0, 0, 0, 0, offset, 64, number, 0, 0] + from + to
            + [UInt8](repeating: 1, count: options)
    }

    private static func header6(_ number: UInt8, from: [UInt8], to: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 0, 0, 0, number, 64] + from + to
    }

    private static func segment(
        from: UInt16, to: UInt16, sequence: UInt8 = 0, flags: UInt8 = 0x14
    ) -> [UInt8] {
        ports(from, to) + [0, 0, 0, sequence, 0, 0, 0, 9, 0x50, flags, 0, 0, 0, 0, 0, 0]
    }

    private static func ports(_ from: UInt16, _ to: UInt16) -> [UInt8] {
        [UInt8(from >> 8), UInt8(from & 0xff), UInt8(to >> 8), UInt8(to & 0xff)]
    }

    private static let reset = header4(6, from: server, to: client) + segment(from: 8443, to: 40_000)
    private static let quoted = header4(17, from: client, to: server) + ports(40_000, 443) + [0, 9, 0, 0]
    private static let unreachable =
        header4(1, from: server, to: client) + [3, 3, 0, 0, 0, 0, 0, 0] + quoted

    private func endpoint(_ bytes: [UInt8], _ port: UInt16) throws -> SocketEndpoint {
        SocketEndpoint(try #require(IPAddress(bytes: bytes)), port)
    }

    @Test("A reset that answers a SYN is a refused connection to where it comes from")
    func connection() throws {
        let packet = try #require(RefusedPacket(frame: Self.reset))
        #expect(!packet.isDatagram)
        #expect(try packet.client == endpoint(Self.client, 40_000))
        #expect(try packet.destination == endpoint(Self.server, 8443))
        let second = Self.header6(6, from: Self.server6, to: Self.client6) + Self.segment(from: 853, to: 9)
        #expect(try RefusedPacket(frame: second)?.destination == endpoint(Self.server6, 853))
        #expect(try RefusedPacket(frame: second)?.client == endpoint(Self.client6, 9))
    }

    @Test("An unreachable port is about the datagram that is quoted")
    func datagram() throws {
        let packet = try #require(RefusedPacket(frame: Self.unreachable))
        #expect(packet.isDatagram)
        #expect(try packet.client == endpoint(Self.client, 40_000))
        #expect(try packet.destination == endpoint(Self.server, 443))
        let second =
            Self.header6(58, from: Self.server6, to: Self.client6) + [1, 4, 0, 0, 0, 0, 0, 0]
            + Self.header6(17, from: Self.client6, to: Self.server6) + Self.ports(5, 443)
        #expect(try RefusedPacket(frame: second)?.destination == endpoint(Self.server6, 443))
    }

    @Test("Options of a header move what follows it")
    func options() throws {
        let reset =
            Self.header4(6, from: Self.server, to: Self.client, options: 40)
            + Self.segment(from: 8443, to: 40_000)
        #expect(try RefusedPacket(frame: reset)?.destination == endpoint(Self.server, 8443))
        let quoting =
            Self.header4(1, from: Self.server, to: Self.client, options: 40) + [3, 3, 0, 0, 0, 0, 0, 0]
            + Self.header4(17, from: Self.client, to: Self.server, options: 40) + Self.ports(40_000, 443)
        #expect(quoting.count <= PacketObserver.snapLength)
        #expect(try RefusedPacket(frame: quoting)?.destination == endpoint(Self.server, 443))
    }

    @Test("Nothing else is a refusal")
    func others() {
        let segment = { (flags: UInt8, sequence: UInt8) in
            Self.header4(6, from: Self.server, to: Self.client)
                + Self.segment(from: 443, to: 40_000, sequence: sequence, flags: flags)
        }
        // SYN, SYN and ACK, ACK, RST alone, the reset of a connection that was open.
        for frame in [segment(2, 0), segment(0x12, 0), segment(0x10, 0), segment(4, 0), segment(0x14, 1)] {
            #expect(RefusedPacket(frame: frame) == nil)
        }
        #expect(RefusedPacket(frame: Self.quoted) == nil)
        let fragment =
            Self.header4(6, from: Self.server, to: Self.client, offset: 1) + Self.segment(from: 1, to: 2)
        #expect(RefusedPacket(frame: fragment) == nil)
        let time =
            Self.header4(1, from: Self.server, to: Self.client) + [11, 0, 0, 0, 0, 0, 0, 0] + Self.quoted
        #expect(RefusedPacket(frame: time) == nil)
        let mixed =
            Self.header4(58, from: Self.server, to: Self.client) + [1, 4, 0, 0, 0, 0, 0, 0] + Self.quoted
        #expect(RefusedPacket(frame: mixed) == nil)
    }

    @Test("A server of the sandbox's own that isn't up is no denial")
    func loopback() {
        let own: [UInt8] = [127, 0, 0, 2]
        let reset = Self.header4(6, from: own, to: Self.client) + Self.segment(from: 3000, to: 40_000)
        #expect(RefusedPacket(frame: reset) == nil)
        let second = Self.header6(6, from: Self.client6, to: Self.client6) + Self.segment(from: 3000, to: 2)
        #expect(RefusedPacket(frame: second) == nil)
    }

    @Test(
        "Of a frame that is cut anywhere nothing is told that isn't in it", arguments: [reset, unreachable])
    func cut(_ frame: [UInt8]) throws {
        let whole = try #require(RefusedPacket(frame: frame))
        for length in 0..<frame.count {
            let packet = RefusedPacket(frame: Array(frame[..<length]))
            #expect(packet == nil || packet == whole)
        }
        #expect(RefusedPacket(frame: Array(frame.dropLast(8))) == nil)
    }

    @Test("Made-up frames are read within their bounds")
    func madeUp() {
        var state: UInt64 = 3
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for _ in 0..<20_000 {
            var frame = next() % 2 == 0 ? Self.reset : Self.unreachable
            for _ in 0..<(next() % 4) { frame[Int(next()) % frame.count] = UInt8(truncatingIfNeeded: next()) }
            frame.removeLast(Int(next()) % 8)
            let packet = RefusedPacket(frame: frame)
            #expect(packet?.destination.address.isLoopback != true)
        }
    }
}
