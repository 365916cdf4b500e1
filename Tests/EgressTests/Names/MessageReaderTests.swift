import Linux
import Network
import Testing

@testable import Egress

@Suite("A name in a message is read within bounds")
struct MessageReaderTests {
    private func name(in bytes: [UInt8], at place: Int) -> WireName? {
        var reader = MessageReader(bytes)
        reader.move(to: place)
        return try? reader.name()
    }

    private let header = [UInt8](repeating: 0, count: 12)

    @Test("a name may end in one that stands before it")
    func compressed() throws {
        let bytes = header + TestMessage.wire("www.Example.com") + [4] + Array("mail".utf8) + [0xc0, 16]
        #expect(name(in: bytes, at: 12)?.text == Array("www.example.com".utf8))
        #expect(name(in: bytes, at: 29)?.text == Array("mail.example.com".utf8))
    }

    @Test(
        "pointers that go round, forwards or into the header are errors",
        arguments: [
            [0xc0, 12], [1, 97, 0xc0, 12], [0xc0, 14, 0xc0, 12], [0xc0, 0], [0xc0, 11], [0xc0, 13],
            [0xff, 0xff],
            [0xc0], [0x40, 0], [0x80, 0], [3, 97, 98],
        ])
    func loops(bytes: [UInt8]) {
        #expect(name(in: header + bytes, at: 12) == nil)
    }

    @Test("a chain of pointers has an end, and a name has 255 bytes")
    func long() {
        var pointers = header + [0, 0]
        for index in 0..<200 {
            let target = index == 0 ? 12 : 14 + (index - 1) * 2
            pointers += [0xc0 | UInt8(target >> 8), UInt8(target & 0xff)]
        }
        #expect(name(in: pointers, at: 14 + 126 * 2) == .root)
        #expect(name(in: pointers, at: 14 + 127 * 2) == nil)
        let label = [UInt8(63)] + [UInt8](repeating: 97, count: 63)
        let longest = header + label + label + label + [61] + [UInt8](repeating: 97, count: 61) + [0]
        #expect(name(in: longest, at: 12)?.bytes.count == 254)
        let tooLong = header + label + label + label + [62] + [UInt8](repeating: 97, count: 62) + [0]
        #expect(name(in: tooLong, at: 12) == nil)
    }

    @Test("a dot within a label isn't one between two")
    func dots() {
        let bytes = header + [7] + Array("www.com".utf8) + [7] + Array("example".utf8) + [0]
        #expect(name(in: bytes, at: 12)?.domainName == nil)
        #expect(name(in: bytes, at: 12)?.text == Array("www\\.com.example".utf8))
        let binary = header + [3, 0, 0xff, 0x5c, 0]
        #expect(name(in: binary, at: 12)?.text == Array("\\000\\255\\\\".utf8))
    }

    @Test(
        "the address that a reverse name is for",
        arguments: [
            ("1.0.18.198.in-addr.arpa", "198.18.0.1"), ("1.0.0.127.IN-ADDR.arpa", "127.0.0.1"),
            ("1." + String(repeating: "0.", count: 31) + "ip6.arpa", "::1"),
        ])
    func reverse(name: String, address: String) throws {
        let wire = try #require(self.name(in: header + TestMessage.wire(name), at: 12))
        #expect(ReverseName(wire)?.address.description == address)
    }

    @Test(
        "what isn't the name of one address",
        arguments: [
            "18.198.in-addr.arpa", "1.0.18.256.in-addr.arpa", "x.1.0.18.198.in-addr.arpa",
            "01.0.18.198.in-addr.arpa",
            "in-addr.arpa", "1.ip6.arpa", "xx." + String(repeating: "0.", count: 31) + "ip6.arpa",
        ])
    func noReverse(name: String) throws {
        let wire = try #require(self.name(in: header + TestMessage.wire(name), at: 12))
        #expect(ReverseName(wire) == nil)
    }
}
