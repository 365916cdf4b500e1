import Testing

@testable import Egress

@Suite("TLS and HTTP are recognised where the rule leaves it open")
struct FirstBytesTests {
    private static func classify(_ text: String) -> FirstBytes { FirstBytes.classify(Array(text.utf8)[...]) }

    @Test(
        "what a lenient server takes for a request is one",
        arguments: [
            "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\n", "\r\nGET / HTTP/1.1\r\n", "\n\n GET / HTTP/1.1\r\n",
            "get http://evil.com/ http/1.1\r\n", "M-SEARCH * HTTP/1.1\r\n", "GET\t/ HTTP/1.1\r\n",
            "GET / HTTP/9.9\r\n", "GET / HTTP/1.1 \r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / x HTTP/1.1\r",
            "GET /\u{1} HTTP/1.1\r\n", "GET / HTTP/1.1\0",
        ])
    func http(text: String) {
        #expect(Self.classify(text) == .http)
        for count in 0..<text.utf8.count where !text.utf8.prefix(count).contains(where: { $0 < 0x20 }) {
            #expect(FirstBytes.classify(Array(text.utf8.prefix(count))[...]) == .undecided)
        }
    }

    @Test(
        "what others say isn't",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "PING\r\n", "GET key\r\n", "EHLO example.com\r\n",
            "*1\r\n$4\r\nPING\r\n",
            "{\"a\": 1}\n", "\u{0}\u{0}\u{0}\u{8}", "0032git-upload-pack /p\0host=h\0", "GET /\r\n", "(a",
        ])
    func other(text: String) {
        #expect(Self.classify(text) == .other)
    }

    @Test("TLS is, and so is the hello of SSL 2, which then isn't let through")
    func tls() {
        #expect(FirstBytes.classify([0x16]) == .undecided)
        #expect(FirstBytes.classify([0x16, 3, 1]) == .tls)
        #expect(FirstBytes.classify([0x16, 2]) == .other)
        #expect(FirstBytes.classify([0x80, 0x2e, 1, 3]) == .undecided)
        #expect(FirstBytes.classify([0x80, 0x2e, 1, 3, 1]) == .tls)
        #expect(FirstBytes.classify([0x80, 0x2e, 1, 0, 2]) == .tls)
        #expect(FirstBytes.classify([0x80, 0x2e, 2]) == .other)
        #expect(FirstBytes.classify([0xff, 0xfe, 0xfd]) == .other)
    }

    @Test("a line without an end isn't waited for longer than a head may be")
    func bounded() {
        let long = Array("GET /".utf8) + [UInt8](repeating: 0x61, count: FirstBytes.mostBytes)
        #expect(FirstBytes.classify(long.prefix(FirstBytes.mostBytes - 1)) == .undecided)
        #expect(FirstBytes.classify(long[...]) == .http)
        #expect(FirstBytes.classify([UInt8](repeating: 0x20, count: FirstBytes.mostBytes)[...]) == .other)
    }
}
