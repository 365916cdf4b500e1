import Testing

@testable import Egress

@Suite("A request is sent on as it was read")
struct ForwardedRequestTests {
    private static func forwarded(_ text: String, _ kind: HTTPExchange.Kind = .proxy) -> String {
        var driver = ExchangeDriver(kind, allowed: ["example.com:80", "example.com:8080", "[fd00::1]:80"])
        driver.send(text)
        return driver.upstreamText
    }

    @Test("52: the URL's host is the one that is sent on")
    func host() {
        #expect(
            Self.forwarded("GET http://Example.com./a?b HTTP/1.1\r\nX: y\r\nhost: evil.com\r\n\r\n")
                == "GET /a?b HTTP/1.1\r\nX: y\r\nhost: example.com\r\n\r\n")
        #expect(
            Self.forwarded("GET http://example.com:8080 HTTP/1.0\r\n\r\n")
                == "GET / HTTP/1.0\r\nHost: example.com:8080\r\n\r\n")
        #expect(
            Self.forwarded("GET http://[FD00::0:1]?x HTTP/1.1\r\nHost: a\r\n\r\n")
                == "GET /?x HTTP/1.1\r\nHost: [fd00::1]\r\n\r\n")
        #expect(
            Self.forwarded("OPTIONS http://example.com HTTP/1.1\r\nHost: a\r\n\r\n")
                == "OPTIONS * HTTP/1.1\r\nHost: example.com\r\n\r\n")
    }

    @Test("52: also to a connection's own host, in its one form and with the port as it was written")
    func ownHost() {
        let kind = HTTPExchange.Kind.transparent(port: 80)
        #expect(
            Self.forwarded("GET //evil.com/ HTTP/1.1\r\nHost: EXAMPLE.com:80\r\n\r\n", kind)
                == "GET //evil.com/ HTTP/1.1\r\nHost: example.com:80\r\n\r\n")
        #expect(
            Self.forwarded("GET http://example.com/x HTTP/1.1\r\nHost: evil.com\r\n\r\n", kind)
                == "GET /x HTTP/1.1\r\nHost: example.com\r\n\r\n")
    }

    @Test("82: what is for a proxy or said of one isn't sent on, nor what Connection names")
    func stripped() {
        let text = """
            GET http://example.com/ HTTP/1.1\r
            Accept: */*\r
            Proxy-Authorization: Basic c2VjcmV0\r
            Host: example.com\r
            PROXY-Connection: keep-alive\r
            Connection: keep-alive, X-Hop ,\tx-other\r
            Keep-Alive: 5\r
            X-Hop: 1\r
            X-OTHER: 2\r
            TE: trailers\r
            X-Forwarded-For: 10.0.0.1\r
            Forwarded: for=10.0.0.1\r
            Via: 1.1 loop\r
            X-Mews-Denied: no\r
            aUTHORIZATION:   Bearer x  \r
            \r\n
            """
        #expect(
            Self.forwarded(text)
                == "GET / HTTP/1.1\r\nAccept: */*\r\nHost: example.com\r\naUTHORIZATION: Bearer x\r\n\r\n")
    }

    @Test("58: h2c isn't asked for")
    func h2c() {
        let text = """
            GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nUpgrade: h2c\r
            HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n
            """
        #expect(Self.forwarded(text) == "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
    }

    @Test("bytes outside ASCII, quotation marks and case come through as they are")
    func bytes() {
        let text = "PoSt http://example.com/ä\"<> HTTP/1.1\r\nHost: example.com\r\nx-UML: ä\t\"b\"\r\n\r\n"
        #expect(
            Self.forwarded(text)
                == "PoSt /ä\"<> HTTP/1.1\r\nHost: example.com\r\nx-UML: ä\t\"b\"\r\n\r\n")
    }

    @Test("a body with a length comes through as it is, in any pieces")
    func length() {
        var driver = ExchangeDriver()
        let head = "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 11\r\n\r\n"
        for byte in head.utf8 { driver.send([byte]) }
        for byte in "GET / HTTP/1.1".utf8.prefix(11) { driver.send([byte]) }
        #expect(
            driver.upstreamText
                == "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 11\r\n\r\nGET / HTTP/")
        #expect(!driver.exchange.wantsClient)
    }

    @Test("59: chunks are written anew, without extensions", arguments: [1, 2, 3, 7, 1000])
    func chunks(piece: Int) {
        var driver = ExchangeDriver()
        let head =
            "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
        let body = "5;a=\"b\"\r\nhello\r\n00A \t;x\r\n0123456789\r\n000;y\r\nX-Sum: 7\r\n\r\n"
        var rest = Array((head + body).utf8)[...]
        while !rest.isEmpty {
            driver.send(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        #expect(
            driver.upstreamText
                == "POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\na\r\n0123456789\r\n0\r\nX-Sum: 7\r\n\r\n")
        #expect(driver.log == ["allowed example.com:80"])
    }

    @Test(
        "59: what isn't a chunk, is too long, or has no place behind the chunks",
        arguments: [
            "FFFFFFFFFFFFFFFF\r\n", "10000000000000000\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "\r\n",
            "1\n", "1\rx", "1\r\nab", "1\r\na\n", "1\r\na\rx", "g\r\n", ";x\r\n", "1;\u{1}\r\n", "1;a\nb\r\n",
            "0\r\nHost: evil.com\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\n X: y\r\n\r\n",
            "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nProxy-Authorization: x\r\n\r\n",
            "0\r\nX\r\n\r\n",
            "0\r\nX : y\r\n\r\n", "0\r\nX: y\n\r\n", "1;" + String(repeating: "x", count: 300),
            "0\r\nX: " + String(repeating: "y", count: 5000),
        ])
    func badChunks(body: String) {
        var driver = ExchangeDriver()
        driver.send(
            "POST http://example.com/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        let before = driver.upstream
        driver.send(body)
        #expect(driver.log.last == "close")
        #expect(driver.log.count == 3)
        #expect(driver.clientText.hasPrefix("HTTP/1.1 400 "))
        // Whatever was sent on has no end, so it is no request.
        #expect(!driver.upstreamText.hasSuffix("0\r\n\r\n"))
        #expect(driver.upstream.starts(with: before))
    }
}
