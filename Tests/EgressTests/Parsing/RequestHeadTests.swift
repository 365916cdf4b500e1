import Network
import Testing

@testable import Egress

@Suite("A request is read in one way or not at all")
struct RequestHeadTests {
    /// What a head is refused for; nil when it is taken.
    private static func cause(_ text: String, _ kind: HTTPExchange.Kind = .proxy) -> HTTPMalformation? {
        var exchange = HTTPExchange(kind)
        exchange.client(Array(text.utf8))
        if case .malformed(let malformation, _) = exchange.next() { return malformation }
        return nil
    }

    private static func get(_ target: String, _ fields: String = "Host: example.com\r\n") -> String {
        "GET \(target) HTTP/1.1\r\n\(fields)\r\n"
    }

    /// Whom a request to the proxy is for.
    private static func endpoint(_ text: String, _ kind: HTTPExchange.Kind = .proxy) -> String? {
        var exchange = HTTPExchange(kind)
        exchange.client(Array(text.utf8))
        if case .judge(let request) = exchange.next() { return "\(request.endpoint)" }
        return nil
    }

    @Test(
        "1, 8, 11, 17, 22: CONNECT takes a host and a port and nothing else",
        arguments: [
            "attacker.com\0.google.com:443", "example.com", "example.com:", "example.com:0",
            "example.com:65536",
            "example.com:443abc", "example.com:+443", "example.com:00443", "example.com:4430000", ":443", "",
            "%65vil.com:443", "ｅvil.com:443", "e\u{ad}vil.com:443", "e\u{200d}vil.com:443", "evil。com:443",
            "[::1:443", "::1:443", "[example.com]:443", "[::1]x:443", "[::1]443", "[fe80::1%25lo]:443",
            "user@example.com:443", "http://example.com:443", "example.com:443/", "example.com:443#", "0:80",
            "0x7f.1:443", "127.1:443", "2130706433:443", "a..b:443", "-a.com:443", "*.example.com:443",
        ])
    func connectRefused(target: String) throws {
        #expect(Self.endpoint("CONNECT \(target) HTTP/1.1\r\nHost: x\r\n\r\n") == nil)
        let cause = try #require(Self.cause("CONNECT \(target) HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect([.connectPort, .target, .control].contains(cause))
    }

    @Test("8: white space in the target makes it no request")
    func connectSpace() {
        #expect(Self.cause("CONNECT example.com: 443 HTTP/1.1\r\nHost: x\r\n\r\n") == .requestLine)
    }

    @Test("2, 10, 13, 16, 17: what CONNECT asks for has one form")
    func connectTaken() {
        for (target, endpoint) in [
            ("EVIL.com.:443", "evil.com:443"), ("xn--exmple-cua.com:443", "xn--exmple-cua.com:443"),
            ("_dmarc.example.com:443", "_dmarc.example.com:443"), ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::]:80", "[::]:80"), ("[::1]:443", "[::1]:443"), ("[::ffff:127.0.0.1]:443", "127.0.0.1:443"),
            ("[::ffff:7f00:1]:443", "127.0.0.1:443"), ("notexample.com:443", "notexample.com:443"),
            ("example.com.evil.com:443", "example.com.evil.com:443"),
        ] {
            #expect(Self.endpoint("CONNECT \(target) HTTP/1.1\r\nHost: x\r\n\r\n") == endpoint)
        }
    }

    @Test(
        "7: nothing that URL readers differ about",
        arguments: [
            "http://evil.com#@example.com/", "http://evil.com\\@example.com/",
            "http://example.com%2f@evil.com",
            "http://user@example.com/", "http://user:password@example.com/", "http://example.com:80:80/",
            "http://[::1/", "http://example.com:/", "http:///x", "http://", "http:example.com",
            "//example.com",
            "http://example.com:0/", "http://example.com:080/", "http://exam\tple.com/", "http://127.1/",
            "http://0x7f000001/", "http://example.com\\x/", "http://example.com;x/", "http://exam%70le.com/",
            "http://ехample.com/", "http://[v1.x]/", "http://example.com/#x", "/#x", "/\u{7f}",
        ])
    func targetRefused(target: String) {
        #expect(Self.cause(Self.get(target)) != nil)
    }

    @Test("a URL is for its host, wherever that ends")
    func targetTaken() {
        for (target, endpoint) in [
            ("http://Example.COM/", "example.com:80"), ("HTTP://example.com", "example.com:80"),
            ("http://example.com?a@b", "example.com:80"),
            ("http://example.com:8080/a:b@c", "example.com:8080"),
            ("http://example.com./", "example.com:80"), ("http://[fd00::1]:81/", "[fd00::1]:81"),
            ("http://10.0.0.1", "10.0.0.1:80"), ("http://example.com/\\\"<>äö", "example.com:80"),
        ] {
            #expect(Self.endpoint(Self.get(target, "Host: other\r\n")) == endpoint)
        }
    }

    @Test("https:// and paths don't go to the proxy, and CONNECT goes nowhere else")
    func forms() {
        #expect(Self.cause(Self.get("https://example.com/")) == .scheme)
        #expect(Self.cause(Self.get("ftp://example.com/")) == .scheme)
        #expect(Self.cause(Self.get("/")) == .originFormAtProxy)
        #expect(Self.cause("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") == .originFormAtProxy)
        #expect(Self.cause(Self.get("*")) == .target)
        let transparent = HTTPExchange.Kind.transparent(port: 8080)
        #expect(Self.cause("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", transparent) == .connectToOrigin)
        #expect(Self.endpoint(Self.get("/"), transparent) == "example.com:8080")
        #expect(Self.endpoint(Self.get("/", "Host: example.com:81\r\n"), transparent) == "example.com:81")
        #expect(Self.endpoint("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", transparent) == "a:8080")
    }

    @Test("53: Host is there once in 1.1, and is a host")
    func host() {
        #expect(Self.cause(Self.get("http://example.com/", "")) == .hostMissing)
        #expect(Self.cause("GET http://example.com/ HTTP/1.0\r\n\r\n") == nil)
        #expect(Self.cause("GET / HTTP/1.0\r\n\r\n", .transparent(port: 80)) == .hostMissing)
        #expect(Self.cause(Self.get("http://example.com/", "Host: a\r\nHost: a\r\n")) == .hostTwice)
        #expect(Self.cause(Self.get("http://example.com/", "Host: a\r\nhost: b\r\n")) == .hostTwice)
        for value in ["", "a b", "a,b", "u@a", "a/b", "a:x", "a%41", "[::1", "a\u{e4}", "a#b", "a\\b"] {
            #expect(Self.cause(Self.get("http://example.com/", "Host: \(value)\r\n")) == .host)
        }
    }

    @Test("50: one length and one coding, each in its one form")
    func framing() {
        func cause(_ fields: String, version: String = "1.1") -> HTTPMalformation? {
            Self.cause("POST http://a/ HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
        }
        let chunked = "Transfer-Encoding: chunked\r\n"
        #expect(cause("Content-Length: 5\r\n" + chunked) == .lengthAndCoding)
        #expect(cause("Content-Length: 5\r\nContent-Length: 5\r\n") == .lengthTwice)
        for value in [
            "+5", "5, 5", "-1", "0x5", "5 5", "", "5\u{1}", "18446744073709551616", "99999999999999999999",
        ] {
            #expect([.length, .control].contains(cause("Content-Length: \(value)\r\n")))
        }
        for value in [
            "xchunked", "chunked, chunked", "gzip, chunked", "identity", "chunked;x", "", "\"chunked\"",
        ] {
            #expect(cause("Transfer-Encoding: \(value)\r\n") == .coding)
        }
        #expect(cause(chunked + chunked) == .coding)
        #expect(cause("Transfer-Encoding : chunked\r\n") == .whiteSpaceBeforeColon)
        #expect(cause("Transfer-Encoding\u{b}: chunked\r\n") == .control)
        #expect(cause(chunked, version: "1.0") == .codingInOldVersion)
        #expect(cause("Transfer-Encoding: Chunked\r\n") == nil)
        #expect(cause("Content-Length: 9223372036854775808\r\n") == nil)
        #expect(cause("Content-Length: 5\r\nConnection: content-length\r\n") == .connectionField)
        #expect(cause("Connection: close, Host\r\n") == .connectionField)
    }

    @Test("lines end with CR LF, fields are `NAME: VALUE`, and there is no control character")
    func lines() {
        for text in [
            "GET http://a/ HTTP/1.1\nHost: a\n\n", "GET http://a/ HTTP/1.1\r\nHost: a\n\r\n",
            "GET http://a/ HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "GET http://a/ HTTP/1.1\r\r\nHost: a\r\n\r\n",
            "\nGET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            #expect(Self.cause(text) == .lineEnding)
        }
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\n b\r\n")) == .foldedField)
        #expect(Self.cause(Self.get("http://a/", " Host: a\r\n")) == .foldedField)
        #expect(Self.cause(Self.get("http://a/", "Host : a\r\n")) == .whiteSpaceBeforeColon)
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\n: b\r\n")) == .fieldName)
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\nX\r\n")) == .fieldName)
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\nX@Y: b\r\n")) == .fieldName)
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\nX: b\0c\r\n")) == .control)
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\nX: \u{7f}\r\n")) == .control)
        #expect(Self.cause("\r\n\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n") == .requestLine)
        #expect(Self.cause("\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
    }

    @Test("the first line has three words, one space apart")
    func requestLine() {
        for line in [
            "GET  http://a/ HTTP/1.1", "GET http://a/  HTTP/1.1", "GET http://a/ HTTP/1.1 ", "GET http://a/",
            "GET",
            " GET http://a/ HTTP/1.1", "GET\thttp://a/\tHTTP/1.1", "GET http://a/ b HTTP/1.1",
        ] {
            #expect(Self.cause("\(line)\r\nHost: a\r\n\r\n") == .requestLine)
        }
        for version in ["HTTP/1.2", "HTTP/0.9", "http/1.1", "HTTP/1.10", "HTTP/11", "HTTP/3", "HTTP/1.1x"] {
            #expect(Self.cause("GET http://a/ \(version)\r\nHost: a\r\n\r\n") == .version)
        }
        #expect(Self.cause("G@T http://a/ HTTP/1.1\r\nHost: a\r\n\r\n") == .method)
    }

    @Test("58: HTTP/2 is called by its name")
    func http2() {
        #expect(Self.cause("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == .http2)
    }

    @Test("16 KiB of head are enough")
    func bounded() {
        let long = String(repeating: "a", count: HeadReader.mostRequestBytes)
        #expect(Self.cause("GET http://a/\(long)") == .tooLarge)
        #expect(Self.cause(Self.get("http://a/", "Host: a\r\nX: \(long.dropLast(100))\r\n")) == nil)
        let many = String(repeating: "a:\r\n", count: 5000)
        #expect(Self.cause(Self.get("http://a/", many)) == .tooLarge)
    }

    @Test("what isn't HTTP at all is called that")
    func notHTTP() {
        for bytes in [[0x16, 3, 1, 0, 5, 1], Array("SSH-2.0-x\r\n".utf8), [0], [5, 1, 0]] as [[UInt8]] {
            var exchange = HTTPExchange(.transparent(port: 80))
            exchange.client(bytes)
            var action = exchange.next()
            exchange.client(Array("\r\n\r\n".utf8))
            action = action ?? exchange.next()
            guard case .malformed(_, .notHTTP) = action else {
                Issue.record("\(bytes): \(String(describing: action))")
                continue
            }
        }
    }
}
