import Linux
import Network
import Profile
import Testing

@testable import Supervisor

@Suite("An explanation that is used again is the one that would be made")
struct ExplainedConnectionsTests {
    private static func events() -> [NetworkEvent] {
        var found: [NetworkEvent] = []
        for kind in NetworkEvent.Kind.allCases {
            for (number, host) in ["", "a.example", "b.example", "10.2.3.4", "\u{1b}[2J"].enumerated() {
                for port in [UInt16(22), 443] {
                    var event = NetworkEvent(
                        kind, .proxy, client: SocketEndpoint(IPAddress(version4: 0x7f00_0001), 40000),
                        destination: SocketEndpoint(IPAddress(version4: UInt32(number)), port), port: port)
                    event.host = Array(host.utf8)
                    event.reason = kind == .denied || kind == .nameDenied ? .notAllowed : nil
                    event.sent = UInt64(found.count)
                    found.append(event)
                }
            }
        }
        return found
    }

    @Test("whatever was explained before")
    func same() {
        var explained = ExplainedConnections()
        for event in Self.events() + Self.events().reversed() + Self.events() {
            let found = explained.explanation(of: event, in: NetworkPolicy())
            let fresh = NetworkExplanation(of: event, in: NetworkPolicy())
            #expect(found.place == fresh.place)
            #expect(found.rule == fresh.rule)
            #expect(found.fix == fresh.fix)
            #expect(found.sentence("curl") == fresh.sentence("curl"))
        }
    }
}
