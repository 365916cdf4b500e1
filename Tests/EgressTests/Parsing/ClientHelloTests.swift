import Network
import Testing

@testable import Egress

@Suite("The server name is read as the server would read it")
struct ClientHelloTests {
    private static func outcome(_ bytes: [UInt8], piece: Int = .max) -> ClientHelloReader.Outcome {
        var reader = ClientHelloReader()
        var outcome = ClientHelloReader.Outcome.needMore
        var rest = bytes[...]
        while !rest.isEmpty {
            outcome = reader.read(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        return outcome
    }

    private static func hello(_ bytes: [UInt8], piece: Int = .max) -> ClientHello? {
        if case .hello(let hello) = outcome(bytes, piece: piece) { hello } else { nil }
    }

    @Test("41: in one piece, byte by byte, in records of any size", arguments: [1, 2, 7, 40, 1 << 14])
    func pieces(record: Int) {
        var maker = HelloMaker()
        maker.protocols = ["h2", "http/1.1"]
        let bytes = maker.records(of: record)
        for piece in [1, 3, 100, Int.max] {
            let hello = Self.hello(bytes, piece: piece)
            #expect(hello?.name?.text == "example.com")
            #expect(hello?.protocols == [Array("h2".utf8), Array("http/1.1".utf8)])
            #expect(hello?.hasEncryptedHello == false)
        }
    }

    @Test("41: what isn't whole is waited for, whatever is missing")
    func cut() {
        let bytes = HelloMaker().records(of: 20)
        for count in bytes.indices.dropFirst() { #expect(Self.outcome(Array(bytes[..<count])) == .needMore) }
    }

    @Test("41: 16 KiB are enough, whether of the message or of records")
    func tooLarge() {
        var maker = HelloMaker()
        maker.extra = [(21, [UInt8](repeating: 0, count: 15_000))]
        #expect(Self.hello(maker.records(of: 4000), piece: 100)?.name != nil)
        maker.extra = [(21, [UInt8](repeating: 0, count: 16_300))]
        #expect(Self.outcome(maker.records(of: 4000), piece: 100) == .tooLarge)
        maker.extra = [(21, [UInt8](repeating: 0, count: 4000))]
        #expect(Self.outcome(maker.records(of: 1)) == .tooLarge)
        // The length alone tells.
        #expect(Self.outcome([22, 3, 1, 0, 4, 1, 0, 0x40, 1]) == .tooLarge)
    }

    @Test("40: without a server name, there is none")
    func noName() {
        var maker = HelloMaker()
        maker.names = nil
        #expect(Self.hello(maker.records())?.serverName == .some(nil))
        maker.hasExtensions = false
        #expect(Self.hello(maker.records())?.serverName == .some(nil))
    }

    @Test(
        "40: case and a final dot make no difference",
        arguments: ["EXAMPLE.com", "example.com.", "Example.Com."])
    func canonical(text: String) {
        var maker = HelloMaker()
        maker.names = [Array(text.utf8)]
        #expect(Self.hello(maker.records())?.name?.text == "example.com")
    }

    @Test(
        "40: an address, a NUL, what isn't ASCII: no name, and what stood there is kept for the record",
        arguments: [
            "93.184.216.34", "2606:2800::1", "[::1]", "evil.com\0.example.com", "example.com\0",
            "ехample.com",
            "a..b", "*.example.com", " example.com", "example.com:443", "0x7f.1", "2130706433",
        ])
    func notAName(text: String) {
        var maker = HelloMaker()
        maker.names = [Array(text.utf8)]
        let hello = Self.hello(maker.records())
        #expect(hello?.serverName == Array(text.utf8))
        #expect(hello.map { $0.name == nil } == true)
    }

    @Test("40: what names two servers, or none where one is due, is no hello")
    func ambiguous() {
        var maker = HelloMaker()
        maker.names = [Array("example.com".utf8), Array("evil.com".utf8)]
        #expect(Self.outcome(maker.records()) == .malformed)
        maker.names = []
        #expect(Self.outcome(maker.records()) == .malformed)
        maker.names = [[]]
        #expect(Self.outcome(maker.records()) == .malformed)
        maker.names = [Array("example.com".utf8)]
        maker.extra = [(0, [0, 8, 0, 0, 5] + Array("a.com".utf8))]
        #expect(Self.outcome(maker.records()) == .malformed)
        maker.extra = []
        maker.nameType = 1
        #expect(Self.outcome(maker.records()) == .malformed)
    }

    @Test("43: that there is an encrypted hello is seen, and the name outside counts")
    func encrypted() {
        var maker = HelloMaker()
        maker.extra = [(0xfe0d, [0, 1, 2, 3])]
        let hello = Self.hello(maker.records())
        #expect(hello?.hasEncryptedHello == true)
        #expect(hello?.name?.text == "example.com")
    }

    @Test("46: the hello of SSL 2 isn't TLS, and that of TLS 1.0 is")
    func versions() {
        #expect(Self.outcome([0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10]) == .notTLS)
        #expect(Self.outcome([0x80, 0x2e, 1, 3, 1]) == .notTLS)
        for version: UInt16 in 0x0300...0x0304 {
            var maker = HelloMaker()
            maker.version = version
            #expect(Self.hello(maker.records())?.name?.text == "example.com")
        }
        var maker = HelloMaker()
        maker.version = 0x0200
        #expect(Self.outcome(maker.records()) == .malformed)
    }

    @Test("46: other bytes are told apart at once")
    func others() {
        #expect(Self.outcome(Array("GET / HTTP/1.1\r\n".utf8)) == .notTLS)
        #expect(Self.outcome(Array("SSH-2.0-OpenSSH_9\r\n".utf8)) == .notTLS)
        #expect(Self.outcome([22, 4]) == .notTLS)
        #expect(Self.outcome([21, 3, 1, 0, 2, 2, 40]) == .notTLS)
        // An empty record, one of more than 2^14 bytes, another message, another record in the middle.
        #expect(Self.outcome([22, 3, 1, 0, 0]) == .malformed)
        #expect(Self.outcome([22, 3, 1, 0x40, 1]) == .malformed)
        #expect(Self.outcome([22, 3, 1, 0, 4, 2]) == .malformed)
        #expect(Self.outcome([22, 3, 1, 0, 1, 1, 23]) == .malformed)
    }

    @Test("lengths that don't fit in one another make no hello")
    func lengths() {
        let message = HelloMaker().message
        // Any byte of the lengths, one more or one less: never read as another name.
        for index in message.indices.dropFirst(4) {
            for change in [1, 255] as [UInt8] {
                var changed = message
                changed[index] &+= change
                if let hello = ClientHello(message: changed[4...]), let name = hello.name {
                    #expect(name.text.utf8.count == 11)
                }
            }
            #expect(ClientHello(message: message[4..<index]).flatMap(\.serverName) == nil)
        }
        #expect(ClientHello(message: message[4...] + [0]) == nil)
    }

    @Test("what follows the hello isn't looked at, and the outcome stays")
    func rest() {
        var reader = ClientHelloReader()
        let outcome = reader.read(HelloMaker().records() + [0, 1, 2])
        #expect(outcome != .needMore && outcome != .malformed)
        #expect(reader.read([1, 2, 3]) == outcome)
    }

    @Test("an alert is a record that a client reads")
    func alert() {
        #expect(TLSAlert.accessDenied.encoded == [21, 3, 3, 0, 2, 2, 49])
        #expect(TLSAlert.unrecognizedName.encoded == [21, 3, 3, 0, 2, 2, 112])
    }
}
