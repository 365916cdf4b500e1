import Testing

@testable import Egress

@Suite("Request after request is judged, and each has its own answer")
struct ExchangeTests {
    private static func get(_ host: String, _ fields: String = "", path: String = "/") -> String {
        "GET http://\(host)\(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n"
    }

    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("several requests on one connection, and a server is asked again")
    func several() {
        var driver = ExchangeDriver()
        for _ in 0..<3 {
            driver.send(Self.get("example.com"))
            driver.answer(Self.answer)
            #expect(driver.exchange.isIdle)
        }
        #expect(driver.log == [String](repeating: "allowed example.com:80", count: 3))
        #expect(driver.clientText == String(repeating: Self.answer, count: 3))
    }

    @Test("another host is another connection, after the response is complete")
    func hosts() {
        var driver = ExchangeDriver(allowed: ["a.com:80", "b.com:80"])
        driver.send(Self.get("a.com") + Self.get("b.com"))
        #expect(driver.log == ["allowed a.com:80"])
        #expect(!driver.upstreamText.contains("b.com"))
        #expect(!driver.exchange.wantsClient)
        driver.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        #expect(driver.log.count == 1)
        driver.answer("k")
        #expect(driver.log == ["allowed a.com:80", "allowed b.com:80"])
        #expect(driver.upstreamText.hasSuffix("GET / HTTP/1.1\r\nHost: b.com\r\n\r\n"))
    }

    @Test("55: after a refusal the next request is judged anew")
    func afterRefusal() {
        var driver = ExchangeDriver(allowed: ["example.com:443", "example.com:80"])
        driver.send("CONNECT evil.com:443 HTTP/1.1\r\nHost: evil.com:443\r\n\r\n")
        #expect(driver.clientText.hasPrefix("HTTP/1.1 403 Forbidden\r\nX-Mews-Denied: not-allowed\r\n"))
        #expect(!driver.clientText.contains("Connection: close"))
        driver.send(Self.get("evil.com"))
        driver.send("CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\nearly")
        #expect(
            driver.log == ["denied evil.com:443", "denied evil.com:80", "allowed example.com:443", "tunnel"])
        #expect(driver.upstream.isEmpty)
        // 56: what came with it is the tunnel's
        #expect(driver.early == Array("early".utf8))
    }

    @Test("56: a length of CONNECT says nothing about the tunnel")
    func connectWithBody() {
        var driver = ExchangeDriver(allowed: ["example.com:443"])
        driver.send("CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcdef")
        #expect(driver.early == Array("abcdef".utf8))
        #expect(driver.log == ["allowed example.com:443", "tunnel"])
    }

    @Test("a refusal ends the connection where it isn't certain what follows")
    func closingRefusal() {
        for text in [
            "POST http://evil.com/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
            "POST http://evil.com/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET http://evil.com/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET http://evil.com/ HTTP/1.0\r\n\r\n",
            "CONNECT evil.com:443 HTTP/1.1\r\nHost: x\r\n\r\n\u{16}\u{3}\u{1}",
            "CONNECT evil.com:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n",
        ] {
            var driver = ExchangeDriver()
            driver.send(text)
            #expect(driver.log.count == 2 && driver.log.last == "close")
            #expect(driver.clientText.contains("Connection: close\r\n"))
            driver.send(Self.get("example.com"))
            #expect(driver.upstream.isEmpty)
        }
    }

    @Test("the answer to HEAD has no body, whoever answers")
    func head() {
        var driver = ExchangeDriver()
        driver.send("HEAD http://evil.com/ HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(driver.clientText.hasSuffix("\r\n\r\n"))
        driver.client = []
        driver.send("HEAD http://example.com/ HTTP/1.1\r\nHost: x\r\n\r\n")
        driver.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        #expect(driver.clientText == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        #expect(driver.exchange.isIdle)
    }

    @Test("nothing is sent on before the judgement")
    func judgement() {
        var exchange = HTTPExchange(.proxy)
        exchange.client(Array("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab".utf8))
        guard case .judge = exchange.next() else {
            Issue.record("not judged")
            return
        }
        #expect(exchange.next() == nil)
        #expect(!exchange.wantsClient && !exchange.wantsUpstream)
        exchange.allow(onNewConnection: true)
        #expect(
            exchange.next()
                == .toUpstream(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab".utf8)))
    }

    @Test("Expect: 100-continue is between the two of them")
    func expectation() {
        var driver = ExchangeDriver()
        driver.send(
            "PUT http://example.com/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        #expect(driver.upstreamText.contains("Expect: 100-continue\r\n"))
        driver.answer("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(driver.clientText == "HTTP/1.1 100 Continue\r\n\r\n")
        driver.send("ab")
        driver.answer(Self.answer)
        #expect(driver.exchange.isIdle)
        // An answer before the body: the body may never come, so nothing may follow it.
        driver.client = []
        driver.send("PUT http://example.com/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
        driver.answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        #expect(
            driver.clientText == "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(driver.log.last == "close")
    }

    @Test("64: 101 that wasn't asked for, interim answers without end")
    func interim() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        #expect(driver.log == ["allowed example.com:80", "bad gateway unaskedUpgrade", "close"])
        #expect(driver.clientText.hasPrefix("HTTP/1.1 502 "))
        driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        for _ in 0...HTTPExchange.mostInterim { driver.answer("HTTP/1.1 103 Early Hints\r\n\r\n") }
        #expect(driver.log.dropFirst() == ["bad gateway tooManyInterim", "close"])
    }

    @Test("64: more bytes than the length are nobody's answer")
    func tooManyBytes() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com") + Self.get("example.com", path: "/2"))
        driver.answer(Self.answer + "HTTP/1.1 200 Forged\r\n\r\n")
        #expect(driver.clientText == Self.answer)
        #expect(driver.log == ["allowed example.com:80", "close upstream", "allowed example.com:80"])
        driver.answer("")
        #expect(!driver.clientText.contains("Forged"))
        // Also when they come later, and from a server that spoke before it was asked.
        driver = ExchangeDriver(.transparent(port: 80))
        driver.answer("HTTP/1.1 200 Forged\r\n\r\n")
        #expect(driver.log == ["close"])
        #expect(driver.client.isEmpty)
    }

    @Test("64: fewer bytes than the length end both")
    func tooFewBytes() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        ] {
            var driver = ExchangeDriver()
            driver.send(Self.get("example.com"))
            driver.answer(answer)
            driver.endUpstream()
            #expect(driver.log == ["allowed example.com:80", "close"])
            #expect(!driver.clientText.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test(
        "64: an answer that can be read in two ways isn't sent on",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/2 200\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nX: \u{0}\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 40_000),
        ])
    func badAnswer(answer: String) {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.answer(answer)
        driver.answer("\r\n\r\n")
        #expect(driver.log.count == 3 && driver.log.last == "close")
        #expect(driver.clientText.hasPrefix("HTTP/1.1 502 Bad Gateway\r\nContent-Type"))
    }

    @Test("no body where the status or the method has none")
    func noBody() {
        for status in ["204 No Content", "304 Not Modified"] {
            var driver = ExchangeDriver()
            driver.send(Self.get("example.com"))
            driver.answer("HTTP/1.1 \(status)\r\nETag: x\r\n\r\n")
            #expect(driver.exchange.isIdle)
            #expect(driver.clientText == "HTTP/1.1 \(status)\r\nETag: x\r\n\r\n")
        }
    }

    @Test("a body that ends with the connection ends the program's, too")
    func untilEnd() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.answer("HTTP/1.1 200\r\n\r\nabc")
        driver.answer("def")
        driver.endUpstream()
        #expect(driver.clientText == "HTTP/1.1 200 \r\nConnection: close\r\n\r\nabcdef")
        #expect(driver.log == ["allowed example.com:80", "close"])
    }

    @Test("a server that closes isn't asked again, and the program's connection goes on")
    func serverCloses() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        #expect(driver.clientText == Self.answer)
        #expect(driver.log == ["allowed example.com:80", "close upstream"])
        driver.send(Self.get("example.com"))
        driver.answer("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(driver.log.suffix(2) == ["allowed example.com:80", "close upstream"])
        // Between two requests.
        driver.send(Self.get("example.com"))
        driver.answer(Self.answer)
        driver.endUpstream()
        #expect(driver.log.last == "close upstream")
        #expect(driver.exchange.isIdle)
        // Where there is but one server, its end is the program's.
        driver = ExchangeDriver(.transparent(port: 80))
        driver.send("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
        driver.answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        #expect(driver.clientText.contains("\r\nConnection: close\r\n"))
        #expect(driver.log == ["allowed example.com:80", "close"])
    }

    @Test("a server that says nothing is a bad gateway; one that was kept may have gone")
    func silentServer() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.endUpstream()
        #expect(driver.log == ["allowed example.com:80", "bad gateway endedEarly", "close"])
        driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.answer(Self.answer)
        driver.client = []
        driver.send(Self.get("example.com"))
        driver.endUpstream()
        #expect(driver.log == ["allowed example.com:80", "allowed example.com:80", "close"])
        #expect(driver.client.isEmpty)
    }

    @Test("65: a WebSocket is asked for, granted, and is a tunnel from there on")
    func webSocket() {
        let request = """
            GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: WebSocket, h2c\r\nConnection: keep-alive, Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
            """
        var driver = ExchangeDriver(.transparent(port: 80))
        driver.send(request + "up")
        #expect(
            driver.upstreamText
                == "GET /chat HTTP/1.1\r\nHost: example.com\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        let head = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n"
        driver.answer(head + "Upgrade: websocket\r\nConnection: upgrade\r\n\r\ndown")
        #expect(driver.log == ["allowed example.com:80", "relay"])
        #expect(driver.clientText == head + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\ndown")
        #expect(driver.upstreamText.hasSuffix("\r\n\r\nup"))
    }

    @Test("65: where the server doesn't change, what follows is the next request")
    func noWebSocket() {
        let request = "GET / HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        var driver = ExchangeDriver(.transparent(port: 80))
        driver.send(
            request.replacing("HOST", with: "example.com") + request.replacing("HOST", with: "evil.com"))
        driver.answer(Self.answer)
        #expect(driver.log == ["allowed example.com:80", "denied evil.com:80"])
        #expect(!driver.upstreamText.contains("evil.com"))
        // A change to something else.
        driver = ExchangeDriver(.transparent(port: 80))
        driver.send(request.replacing("HOST", with: "example.com"))
        driver.answer("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
        #expect(driver.log.dropFirst().first == "bad gateway unaskedUpgrade")
    }

    @Test("what a server says of a proxy or of Mews isn't sent on")
    func answerStripped() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.answer(
            "HTTP/1.1 403 No\r\nX-Mews-Denied: not-allowed\r\nProxy-Authenticate: Basic\r\nKeep-Alive: 5\r\n"
                + "Connection: X-Hop\r\nX-Hop: 1\r\nSET-cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(
            driver.clientText
                == "HTTP/1.1 403 No\r\nSET-cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n")
    }

    @Test("a client of 1.0 gets no interim answer, no chunks, and the end of the connection")
    func oldClient() {
        var driver = ExchangeDriver()
        driver.send("GET http://example.com/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        driver.answer("HTTP/1.1 103 Early Hints\r\n\r\n" + Self.answer)
        #expect(driver.clientText == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        #expect(driver.log.last == "close")
        driver = ExchangeDriver()
        driver.send("GET http://example.com/ HTTP/1.0\r\n\r\n")
        driver.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(driver.log.dropFirst().first == "bad gateway codingInOldVersion")
    }

    @Test("a program that sends no more gets its answer, if its request was whole")
    func halfClosed() {
        var driver = ExchangeDriver()
        driver.send(Self.get("example.com"))
        driver.endClient()
        #expect(driver.log == ["allowed example.com:80"])
        driver.answer(Self.answer)
        #expect(driver.clientText.hasSuffix("ok"))
        #expect(driver.log.last == "close")
        for text in [
            "", "GET ht", "POST http://example.com/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
        ] {
            driver = ExchangeDriver()
            driver.send(text)
            driver.endClient()
            #expect(driver.log.last == "close")
            #expect(driver.client.isEmpty)
        }
    }
}
