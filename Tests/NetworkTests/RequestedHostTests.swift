import Linux
import Network
import Testing

@Suite("What a program asks for has one reading or none")
struct RequestedHostTests {
    @Test(
        "a name or an address",
        arguments: [
            ("example.com", "example.com"), ("EXAMPLE.Com.", "example.com"), ("a", "a"),
            ("_dmarc.example.com", "_dmarc.example.com"), ("10.2.3.4", "10.2.3.4"), ("[::1]", "[::1]"),
            ("[FD00:0:0::1]", "[fd00::1]"), ("[::ffff:10.0.0.1]", "10.0.0.1"), ("0.0.0.0", "0.0.0.0"),
            ("xn--exmple-cua.com", "xn--exmple-cua.com"),
        ])
    func host(text: String, canonical: String) {
        #expect(RequestedHost(Array(text.utf8))?.description == canonical)
        #expect(RequestedHost(socks: Array(text.utf8))?.description == canonical)
    }

    static let malformed = [
        "", ".", "..", "example..com", "example.com..", "attacker.com\0.google.com", "ex ample.com",
        "example.com\r\n", "%65vil.com", "ｅvil.com", "exämple.com", "ev\u{ad}il.com", "ev\u{200d}il.com",
        "evil。com", "user@example.com", "example.com/", "example.com#@evil.com", "evil.com\\@example.com",
        "*.example.com", "-a.com", "[example.com]", "[10.0.0.1]", "[::1", "::1]", "[]", "[::1]x",
        "[fe80::1%1]",
        "[fe80::1%25eth0]", "127.1", "127.0.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1",
        "127.0.0.01", "127.0.0.1.", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "+1.2.3.4", "a.1",
        "example.0x10", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[:::]", "[1::2::3]", "[12345::]", "[::+1]",
        String(repeating: "a", count: 64) + ".com", String(repeating: "a.", count: 127) + "aa",
    ]

    @Test("anything else is nothing", arguments: malformed)
    func refused(text: String) {
        #expect(RequestedHost(Array(text.utf8)) == nil)
        #expect(RequestedEndpoint(authority: Array(text.utf8), defaultPort: 443) == nil)
        #expect(RequestedEndpoint(authority: Array("\(text):443".utf8)) == nil)
    }

    @Test("bytes that aren't text are no host")
    func bytes() {
        #expect(RequestedHost([0xff, 0x2e, 0x61]) == nil)
        #expect(RequestedHost([0x61, 0xc0, 0x80, 0x2e, 0x61]) == nil)
    }

    @Test("SOCKS has IPv6 without brackets, URLs don't")
    func bareVersion6() {
        #expect(RequestedHost(Array("::1".utf8)) == nil)
        #expect(RequestedHost(socks: Array("::1".utf8))?.description == "[::1]")
        #expect(RequestedHost(socks: Array("[::1]".utf8))?.description == "[::1]")
        #expect(RequestedHost(socks: Array("::ffff:127.0.0.1".utf8))?.description == "127.0.0.1")
        #expect(RequestedHost(socks: Array("fe80::1%1".utf8)) == nil)
        #expect(RequestedHost(socks: Array("a:1".utf8)) == nil)
    }

    @Test(
        "a port is a number from 1 to 65535 and nothing besides",
        arguments: [
            ("1", 1), ("443", 443), ("65535", 65535), ("0", nil), ("65536", nil), ("443abc", nil),
            ("+443", nil),
            (" 443", nil), ("443 ", nil), ("00443", nil), ("-1", nil), ("", nil), ("4 3", nil),
            ("99999", nil),
            ("100000", nil), ("0x1bb", nil), ("４４３", nil), ("443:443", nil),
        ] as [(String, UInt16?)])
    func port(text: String, port: UInt16?) {
        for host in ["example.com", "10.0.0.1", "[::1]"] {
            #expect(
                RequestedEndpoint(authority: Array("\(host):\(text)".utf8), defaultPort: 80)?.port == port)
        }
    }

    @Test("the port may be missing only where one is meant")
    func defaultPort() throws {
        #expect(RequestedEndpoint(authority: Array("example.com".utf8)) == nil)
        let endpoint = try #require(RequestedEndpoint(authority: Array("Example.com".utf8), defaultPort: 80))
        #expect(endpoint.description == "example.com:80")
        #expect(RequestedEndpoint(authority: Array("[::1]:443".utf8))?.description == "[::1]:443")
        #expect(RequestedEndpoint(authority: Array("::1:443".utf8)) == nil)
        #expect(RequestedEndpoint(authority: Array("[::1]x:443".utf8)) == nil)
    }
}
