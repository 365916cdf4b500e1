import Linux
import Network
import Testing

@Suite("The supervisor and the door understand each other")
struct DoorMessageTests {
    private static func event() throws -> NetworkEvent {
        let client = SocketEndpoint(try #require(IPAddress("127.0.0.1")), 40_000)
        let destination = SocketEndpoint(try #require(IPAddress("2606:4700::1111")), 443)
        var event = NetworkEvent(.denied, .proxy, client: client, destination: destination, port: 443)
        event.isDatagram = true
        event.host = Array("example.com".utf8)
        event.address = IPAddress("10.0.0.1")
        event.serverName = Array("other.example.com".utf8)
        event.rule = RuleReference(.deny, 7)
        event.reason = .serverNameDiffers
        event.protocolCheck = .tls
        event.questionType = 65
        event.sent = 1 << 40
        event.received = 5
        event.milliseconds = 12
        event.errno = -1
        return event
    }

    @Test("a message comes back as it went, and no part or extension of it is one")
    func messages() throws {
        let messages: [DoorMessage] = [
            .ready, .event(1 << 63, try Self.event()), .recorded(5),
            .resolver(configuration: Array("nameserver 10.0.0.53\n".utf8), hosts: []),
            .unopened(Array("capset: Operation not permitted".utf8)),
            .named(try #require(IPAddress("198.18.3.4")), try #require(DomainName("example.com"))),
        ]
        for message in messages {
            let bytes = message.encoded
            #expect(DoorMessage(encoded: bytes) == message)
            #expect(DoorMessage(encoded: bytes + [0]) == nil)
            for length in bytes.indices { #expect(DoorMessage(encoded: Array(bytes[..<length])) == nil) }
        }
    }

    @Test("settings come back as they went, and no part of them is taken for all")
    func settings() throws {
        let name = try #require(DomainName("Example.COM."))
        var settings = DoorSettings()
        settings.allow = [
            NetworkRule(.exact(name), ports: [443]),
            NetworkRule(.below(name), ports: [22, 80], protocolCheck: .tcp, allowsPrivate: true),
            NetworkRule(.address(try #require(IPAddress("10.2.3.4"))), ports: [6379]),
        ]
        settings.deny = [NetworkDenial(.exact(name)), NetworkDenial(.below(name), port: 80)]
        settings.denyOrigins = [Array("~/team.yaml:14:9".utf8), []]
        settings.hosts = [DoorSettings.FixedHost(name, try #require(IPAddress("fd00::1")))]
        settings.loopback = [5432]
        settings.listeners = [NetworkListener(.stream, 443), NetworkListener(.datagram, 53)]
        settings.key = [UInt8](repeating: 7, count: DoorSettings.keySize)
        settings.resolver = Array("nameserver 127.0.0.1\n".utf8)
        let bytes = settings.encoded
        #expect(DoorSettings(encoded: bytes) == settings)
        for length in bytes.indices { #expect(DoorSettings(encoded: Array(bytes[..<length])) == nil) }
    }
}
