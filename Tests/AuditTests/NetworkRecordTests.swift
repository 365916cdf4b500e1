import Audit
import Linux
import Network
import Testing

@Suite("What was asked of the network is recorded with who, whom, why and how much")
struct NetworkRecordTests {
    private static let curl = AuditedProcess(
        process: 12, hostProcess: 4012, name: Array("curl".utf8), program: Array("/usr/bin/curl".utf8))

    private static func event(
        _ kind: NetworkEvent.Kind, _ door: Door = .transparent, host: String = "api.example.com"
    ) -> NetworkEvent {
        var event = NetworkEvent(
            kind, door, client: SocketEndpoint(IPAddress(version4: 0x7f00_0001), 40312),
            destination: SocketEndpoint(IPAddress(version4: 0xc612_0709), 443), port: 443)
        event.host = Array(host.utf8)
        return event
    }

    private static func activity(
        _ event: NetworkEvent, _ process: AuditedProcess? = curl, fix: String? = nil
    ) -> NetworkActivity {
        NetworkActivity(
            event, process: process,
            rule: AuditedRule(text: "network.allow: api.example.com", origin: "p:3:4"),
            message: "A sentence.", fix: fix)
    }

    @Test("every kind, door and reason is canonical, in the chain, and adds up in the end")
    func everyKind() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        var count = 0
        for kind in NetworkEvent.Kind.allCases {
            for door in Door.allCases {
                var event = Self.event(kind, door)
                for reason in [nil] + NetworkReason.allCases.map({ $0 }) {
                    event.reason = reason
                    event.address = IPAddress(version4: 0xcb00_7107)
                    event.serverName = [0x61, 0xff]
                    event.questionType = 28
                    event.errno = 111
                    for process in [Self.curl, nil] {
                        try log.append(Self.activity(event, process, fix: "x"), at: fixture.now)
                        count += 1
                    }
                }
            }
        }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        #expect(try fixture.records().count == count + 2)
        #expect(try fixture.records().addsUp)
    }

    @Test("a name stands as host name, its address beside it")
    func allowed() throws {
        var event = Self.event(.allowed)
        event.address = IPAddress(version4: 0xcb00_7107)
        event.protocolCheck = .tls
        event.serverName = event.host
        let record = try written(event)
        #expect(record["metadata", "event_code"]?.text == "network.allowed")
        #expect(record["type_uid"]?.number == 400_101)
        #expect(record["dst_endpoint", "hostname"]?.text == "api.example.com")
        #expect(record["dst_endpoint", "ip"]?.text == "203.0.113.7")
        #expect(record["dst_endpoint", "port"]?.number == 443)
        #expect(record["src_endpoint", "port"]?.number == 40312)
        #expect(record["actor", "process", "pid"]?.number == 12)
        #expect(record["unmapped", "mews", "dialled"]?.text == "198.18.7.9:443")
        #expect(record["unmapped", "mews", "protocol"]?.text == "tls")
        #expect(record["unmapped", "mews", "server_name"]?.text == "api.example.com")
        #expect(record["unmapped", "mews", "host_pid"]?.number == 4012)
    }

    @Test("without a name it is the address that was asked for", arguments: ["", "2001:db8::1"])
    func literal(host: String) throws {
        var event = Self.event(.denied, host: host)
        event.destination.address = try #require(IPAddress("2001:db8::1"))
        event.reason = .addressLiteral
        let record = try written(event)
        #expect(record["dst_endpoint", "hostname"] == nil)
        #expect(record["dst_endpoint", "ip"]?.text == "2001:db8::1")
        #expect(record["connection_info", "protocol_ver_id"]?.number == 6)
        #expect(record["unmapped", "mews", "dialled"]?.text == "[2001:db8::1]:443")
        #expect(record["unmapped", "mews", "reason"]?.text == "address-literal")
    }

    @Test("a name that isn't resolved is a question to the name server that was asked")
    func nameDenied() throws {
        var event = Self.event(.nameDenied, .dns, host: "evil.example.com")
        event.isDatagram = true
        event.questionType = 99
        event.destination.port = 53
        event.reason = .notAllowed
        var record = try written(event)
        #expect(record["class_uid"]?.number == 4003)
        #expect(record["query", "hostname"]?.text == "evil.example.com")
        #expect(record["query", "type"]?.text == "SPF")
        #expect(record["dst_endpoint", "ip"]?.text == "198.18.7.9")
        #expect(record["connection_info", "protocol_num"]?.number == 17)
        event.questionType = 65_280
        record = try written(event)
        #expect(record["query", "type"]?.text == "TYPE65280")
    }

    @Test("of many ends the bytes are added up, in their record and at the end of the session")
    func traffic() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        for index in 1...10 {
            try log.append(Self.activity(Self.event(.allowed)), at: fixture.now)
            var end = Self.event(.closed)
            end.sent = UInt64(index)
            end.received = 1000
            end.milliseconds = UInt64(100 - index)
            try log.append(Self.activity(end), at: fixture.now)
        }
        try log.finish(SessionEnd(cause: .exit, status: 0), at: fixture.now)
        let records = try fixture.records()
        let ends = records.of("network.allowed").filter { $0["activity_id"]?.number == 2 }
        #expect(ends.count == 4)
        #expect(ends.last?["count"]?.number == 7)
        #expect(ends.last?["traffic", "bytes_out"]?.number == 4 + 5 + 6 + 7 + 8 + 9 + 10)
        #expect(ends.last?["traffic", "bytes_in"]?.number == 7000)
        #expect(ends.last?["duration"]?.number == 96)
        let total = records.last?["unmapped", "mews", "traffic"]
        #expect(total?["connections"]?.number == 10)
        #expect(total?["bytes_out"]?.number == 55)
        #expect(total?["bytes_in"]?.number == 10_000)
        #expect(records.addsUp)
    }

    @Test("what no counter holds isn't taken for little")
    func overflow() throws {
        var event = Self.event(.closed)
        event.sent = .max
        #expect(try written(event)["traffic", "bytes_out"]?.number == 1 << 53)
    }

    @Test("another host, port, door, reason or program is another act")
    func different() throws {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        for _ in 0..<3 {
            try log.append(Self.activity(Self.event(.denied)), at: fixture.now)
            try log.append(Self.activity(Self.event(.denied, host: "b.example.com")), at: fixture.now)
            try log.append(Self.activity(Self.event(.denied, .proxy)), at: fixture.now)
            try log.append(Self.activity(Self.event(.denied), nil), at: fixture.now)
            var event = Self.event(.denied)
            event.port = 444
            try log.append(Self.activity(event), at: fixture.now)
            event.reason = .port
            try log.append(Self.activity(event), at: fixture.now)
        }
        #expect(try fixture.records().count == 19)
    }

    private func written(_ event: NetworkEvent) throws -> JSONValue {
        let fixture = try AuditFixture()
        var log = try fixture.log()
        try log.append(Self.activity(event), at: fixture.now)
        return try #require(try fixture.records().last)
    }
}
